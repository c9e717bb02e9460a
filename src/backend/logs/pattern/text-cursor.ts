import { invalidPattern } from "./invalid-pattern.ts";

/** Reads a filter pattern from left to right. Throws `InvalidParameterException` for what cannot be there. */
export class TextCursor {
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = 0;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get at(): number {
    return this.#at;
  }

  /** What has been read since then. */
  since(at: number): string {
    return this.#text.slice(at, this.#at);
  }

  skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** Passes over `expected`, if it is what comes next. */
  take(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  expect(expected: string): void {
    if (!this.take(expected)) throw invalidPattern();
  }

  /** What a sticky expression matches here, else undefined. */
  match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0];
    if (found === undefined || found === "") return undefined;
    this.#at += found.length;
    return found;
  }

  /** A text in double quotation marks, of which the first comes next; a backslash takes the next character as it is. */
  quoted(): string {
    this.expect('"');
    let text = "";
    for (;;) {
      if (this.atEnd) throw invalidPattern();
      const character = this.#next();
      if (character === '"') return text;
      if (character !== "\\") text += character;
      else if (this.peek() === '"' || this.peek() === "\\") text += this.#next();
      else text += "\\";
    }
  }

  /** What stands between two percent signs, of which the first comes next. */
  betweenPercents(): string {
    this.expect("%");
    const end = this.#text.indexOf("%", this.#at);
    if (end < 0) throw invalidPattern();
    const text = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #next(): string {
    return this.#text.charAt(this.#at++);
  }
}
