import { PatternError } from "./pattern-error.ts";

export type PatternToken = "{" | "}" | "[" | "]" | "name" | "string" | "number" | "true" | "false" | "null" | "end";

/** Characters of the text that an error quotes. */
const QUOTED = 500;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[A-Za-z0-9_$]+/y;
const ANY_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

interface Scope {
  readonly closer: "}" | "]";
  readonly start: number;
  entries: number;
}

/**
 * JSON, token by token, in the steps of the parser that AWS compiles event patterns with, because its messages tell how far it had
 * read: a name is read together with the beginning of its value, a string's text only when somebody asks for it. Throws `PatternError`.
 */
export class PatternTokens {
  /** The last token's text: of a name, a string, a number or a literal. Of a string it is read by this. */
  get text(): string {
    if (this.#ahead === undefined && this.#openString !== undefined) this.#finishString();
    return this.#text;
  }

  readonly #source: string;
  readonly #scopes: Scope[] = [];
  #at = 0;
  #text = "";
  #openString: number | undefined;
  /** What follows the name that was told last. */
  #ahead: { readonly token: PatternToken; readonly text: string } | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  next(): PatternToken {
    if (this.#ahead !== undefined) {
      const { token, text } = this.#ahead;
      this.#ahead = undefined;
      this.#text = text;
      this.#enter(token);
      return token;
    }
    if (this.#openString !== undefined) this.#finishString();
    const scope = this.#scopes.at(-1);
    this.#skipSpace();
    if (this.#at >= this.#source.length) {
      if (scope === undefined) return "end";
      throw this.error(
        `Unexpected end-of-input: expected close marker for ${scope.closer === "}" ? "Object" : "Array"} (start marker at ${this.#place(scope.start)})`,
      );
    }
    if (scope !== undefined) {
      const character = this.#source[this.#at];
      if (character === "}" || character === "]") return this.#leave(scope, character);
      if (scope.entries > 0) this.#comma(scope);
      scope.entries++;
      if (scope.closer === "}") return this.#name();
    }
    const token = this.#value();
    this.#enter(token);
    return token;
  }

  /** `message` with the place up to which has been read. */
  error(message: string): PatternError {
    return new PatternError(`${message}\n at ${this.#place(this.#at)}`);
  }

  #place(at: number): string {
    const before = this.#source.slice(0, at);
    const line = before.split("\n").length;
    const column = at - (before.lastIndexOf("\n") + 1) + 1;
    const rest = this.#source.length - QUOTED;
    const quoted = `"${this.#source.slice(0, QUOTED)}"${rest > 0 ? `[truncated ${rest} chars]` : ""}`;
    return `[Source: (String)${quoted}; line: ${line}, column: ${column}]`;
  }

  #skipSpace(): void {
    while (" \t\n\r".includes(this.#source[this.#at] ?? "x")) this.#at++;
  }

  #enter(token: PatternToken): void {
    if (token === "{") this.#scopes.push({ closer: "}", start: this.#at - 1, entries: 0 });
    if (token === "[") this.#scopes.push({ closer: "]", start: this.#at - 1, entries: 0 });
  }

  #leave(scope: Scope, character: "}" | "]"): PatternToken {
    if (character !== scope.closer) {
      const kind = scope.closer === "}" ? "Object" : "Array";
      throw this.error(
        `Unexpected close marker '${character}': expected '${scope.closer}' (for ${kind} starting at ${this.#place(scope.start)})`,
      );
    }
    this.#at++;
    this.#scopes.pop();
    return character;
  }

  #comma(scope: Scope): void {
    const kind = scope.closer === "}" ? "Object" : "Array";
    if (this.#source[this.#at] !== ",") throw this.#unexpected(`was expecting comma to separate ${kind} entries`);
    this.#at++;
    this.#skipSpace();
  }

  #name(): PatternToken {
    if (this.#source[this.#at] !== '"') throw this.#unexpected("was expecting double-quote to start field name");
    this.#openString = ++this.#at;
    this.#finishString();
    const name = this.#text;
    this.#skipSpace();
    if (this.#source[this.#at] !== ":") throw this.#unexpected("was expecting a colon to separate field name and value");
    this.#at++;
    this.#skipSpace();
    const token = this.#value();
    this.#ahead = { token, text: this.#text };
    this.#text = name;
    return "name";
  }

  #value(): PatternToken {
    const character = this.#source[this.#at];
    if (character === '"') {
      this.#at++;
      this.#openString = this.#at;
      return "string";
    }
    if (character === "{" || character === "[") {
      this.#at++;
      return character;
    }
    if (character !== undefined && /[-0-9]/.test(character)) return this.#number();
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#source)?.[0];
    if (word !== undefined) this.#at += word.length;
    if (word === "true" || word === "false" || word === "null") {
      this.#text = word;
      return word;
    }
    if (word !== undefined) throw this.error(`Unrecognized token '${word}': was expecting ${ANY_VALUE}`);
    throw this.#unexpected(`expected a valid value ${ANY_VALUE}`);
  }

  #number(): PatternToken {
    NUMBER.lastIndex = this.#at;
    const number = NUMBER.exec(this.#source)?.[0];
    if (number === undefined) {
      this.#at++;
      throw this.#unexpected("expected digit (0-9) to follow minus sign, for valid numeric value");
    }
    this.#at += number.length;
    const after = this.#source[this.#at];
    if (after !== undefined && /[0-9]/.test(after)) throw this.error("Invalid numeric value: Leading zeroes not allowed");
    this.#text = number;
    return "number";
  }

  #finishString(): void {
    let at = this.#openString ?? this.#at;
    this.#openString = undefined;
    let text = "";
    for (;;) {
      const character = this.#source[at];
      if (character === undefined) {
        this.#at = at;
        throw this.error("Unexpected end-of-input: was expecting closing quote for a string value");
      }
      at++;
      if (character === '"') break;
      if (character === "\\") {
        const escape = this.#source[at] ?? "";
        const hex = escape === "u" ? /^[0-9A-Fa-f]{4}$/.exec(this.#source.slice(at + 1, at + 5))?.[0] : undefined;
        const simple = SIMPLE_ESCAPES[escape];
        this.#at = at;
        if (hex === undefined && simple === undefined) {
          throw this.error(`Unrecognized character escape '${escape}' (code ${escape.codePointAt(0) ?? 0})`);
        }
        text += simple ?? String.fromCharCode(Number.parseInt(hex ?? "", 16));
        at += hex === undefined ? 1 : 5;
      } else if (character < " ") {
        this.#at = at;
        throw this.error(
          `Illegal unquoted character ((CTRL-CHAR, code ${character.charCodeAt(0)})): has to be escaped using backslash to be included in string value`,
        );
      } else {
        text += character;
      }
    }
    this.#at = at;
    this.#text = text;
  }

  /** The place is that of the character itself. */
  #unexpected(what: string): PatternError {
    const character = this.#source[this.#at];
    if (character === undefined) return this.error("Unexpected end-of-input");
    return this.error(`Unexpected character ('${character}' (code ${character.charCodeAt(0)})): ${what}`);
  }
}
