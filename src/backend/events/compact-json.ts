/** "PutEvents will only process nested JSON up to 1000 levels deep." */
const MAX_DEPTH = 1000;
const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT, SPACE] = [34, 92, 91, 93, 123, 125, 32];

/**
 * A valid JSON text without the white space between its tokens, and otherwise untouched: numbers keep all their digits, members their
 * order. Undefined where it is nested too deep.
 */
export function compactJson(text: string): string | undefined {
  let compact = "";
  let kept = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = closingQuote(text, at + 1);
    } else if (code <= SPACE) {
      compact += text.slice(kept, at);
      kept = at + 1;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++depth > MAX_DEPTH) return undefined;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      depth--;
    }
  }
  return kept === 0 ? text : compact + text.slice(kept);
}

/** Where the string that begins at `at` ends: its closing quotation mark. */
export function closingQuote(text: string, at: number): number {
  for (let end = at; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === QUOTE) return end;
    if (code === BACKSLASH) end++;
  }
  return text.length;
}
