/** A field of a text, without the marks around it, and where it begins in the text. */
export interface Field {
  readonly value: string;
  readonly at: number;
}

/**
 * Fields between spaces; what stands in double quotation marks or brackets is one, if a space or the end follows. Takes time in
 * the text's length.
 */
export function splitFields(text: string): readonly Field[] {
  const fields: Field[] = [];
  const closing = { '"': -1, "]": -1 };
  /** The next closing mark behind `at`; each stretch of the text is searched once. */
  const closeAfter = (mark: '"' | "]", at: number): number => {
    if (closing[mark] <= at) {
      const found = text.indexOf(mark, at + 1);
      closing[mark] = found < 0 ? text.length : found;
    }
    return closing[mark];
  };
  for (let at = 0; ;) {
    while (at < text.length && isSpace(text, at)) at += 1;
    if (at >= text.length) return fields;
    const from = at;
    const mark = text.charAt(at);
    const end = mark === '"' ? closeAfter('"', at) : mark === "[" ? closeAfter("]", at) : text.length;
    if (end < text.length && (end + 1 === text.length || isSpace(text, end + 1))) {
      fields.push({ value: text.slice(from + 1, end), at: from });
      at = end + 1;
    } else {
      while (at < text.length && !isSpace(text, at)) at += 1;
      fields.push({ value: text.slice(from, at), at: from });
    }
  }
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || (code >= 9 && code <= 13);
}
