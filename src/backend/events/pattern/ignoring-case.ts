/** Character by character, as AWS does: no character becomes two. */
export function equalsIgnoringCase(left: string, right: string): boolean {
  return left.length === right.length && (left === right || fold(left) === fold(right));
}

export function startsIgnoringCase(value: string, prefix: string): boolean {
  return equalsIgnoringCase(value.slice(0, prefix.length), prefix);
}

export function endsIgnoringCase(value: string, suffix: string): boolean {
  return value.length >= suffix.length && equalsIgnoringCase(value.slice(value.length - suffix.length), suffix);
}

function fold(text: string): string {
  // oxlint-disable-next-line no-control-regex -- everything that is not ASCII
  if (!/[^\x00-\x7f]/.test(text)) return text.toLowerCase();
  let folded = "";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const upper = character.toUpperCase();
    const lower = (upper.length === 1 ? upper : character).toLowerCase();
    folded += lower.length === 1 ? lower : character;
  }
  return folded;
}
