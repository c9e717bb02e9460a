// Texts carry what strangers sent: escape sequences must not reach the terminal, nor marks that turn the reading direction.
// oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text for one line of a terminal: control characters are made visible. */
export function printable(line: string): string {
  return line.replaceAll(CONTROL, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

/** A value as JSON in one line, which leaves the terminal alone as well. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replaceAll(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
