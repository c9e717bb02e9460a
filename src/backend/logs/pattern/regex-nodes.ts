import { invalidPattern } from "./invalid-pattern.ts";

/** Which of the 128 ASCII characters are in it, and at 128 whether all others are. */
export type CharacterSet = Uint8Array;

export const OTHERS = 128;

/**
 * One step of an expression: a character of `set` once, or (`loops`) any number of times; `optional` may be passed over.
 * Without a set it is an anchor.
 */
export type RegexNode =
  | { readonly kind: "character"; readonly set: CharacterSet; readonly loops: boolean; readonly optional: boolean }
  | { readonly kind: "start" }
  | { readonly kind: "end" };

/** Steps of all branches together: what `{m,n}` repeats counts as often as it is repeated. */
const MAX_NODES = 512;
const LITERAL = /[A-Za-z0-9:_#=@/;, -]/;
const OPERATORS = "^$?[]{}|\\*+.";

/**
 * Reads the expressions of CloudWatch Logs ("Supported regular expressions (regex) syntax", CloudWatch Logs User Guide): no
 * groups, so each branch is a plain sequence. Throws `InvalidParameterException`.
 */
export function parseRegex(text: string): readonly (readonly RegexNode[])[] {
  const reader = new RegexReader(text);
  return reader.branches();
}

class RegexReader {
  readonly #text: string;
  #at = 0;
  #nodes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  branches(): RegexNode[][] {
    const branches: RegexNode[][] = [[]];
    if (this.#text === "") throw invalidPattern();
    while (this.#at < this.#text.length) {
      if (this.#take("|")) branches.push([]);
      else branches.at(-1)?.push(...this.#piece());
    }
    return branches;
  }

  #piece(): RegexNode[] {
    if (this.#take("^")) return this.#counted([{ kind: "start" }]);
    if (this.#take("$")) return this.#counted([{ kind: "end" }]);
    const set = this.#set();
    const [least, most] = this.#quantifier();
    const node = { kind: "character", set, loops: false, optional: false } as const;
    const nodes: RegexNode[] = Array.from({ length: Math.min(least, MAX_NODES + 1) }, () => node);
    if (most === Infinity) nodes.push({ ...node, loops: true, optional: true });
    else for (let count = least; count < most && nodes.length <= MAX_NODES; count += 1) nodes.push({ ...node, optional: true });
    return this.#counted(nodes);
  }

  #counted(nodes: RegexNode[]): RegexNode[] {
    this.#nodes += nodes.length;
    if (this.#nodes > MAX_NODES) throw invalidPattern();
    return nodes;
  }

  #set(): CharacterSet {
    const character = this.#text.charAt(this.#at++);
    if (character === ".") return inverse(setOf("\n\r"));
    if (character === "[") return this.#class();
    if (character === "\\") return this.#escape();
    if (!LITERAL.test(character)) throw invalidPattern();
    return setOf(character);
  }

  /** How often; an operator that is followed by `?` finds the same texts. */
  #quantifier(): readonly [least: number, most: number] {
    let range: readonly [number, number] = [1, 1];
    if (this.#take("*")) range = [0, Infinity];
    else if (this.#take("+")) range = [1, Infinity];
    else if (this.#take("?")) range = [0, 1];
    else if (this.#take("{")) range = this.#bounds();
    else return range;
    this.#take("?");
    return range;
  }

  #bounds(): readonly [least: number, most: number] {
    const end = this.#text.indexOf("}", this.#at);
    const found = /^(\d{0,4})(?:(, ?)(\d{0,4}))?$/.exec(end < 0 ? "" : this.#text.slice(this.#at, end));
    if (found === null) throw invalidPattern();
    this.#at = end + 1;
    const [, first = "", comma, second = ""] = found;
    if (first === "" && second === "") throw invalidPattern();
    const least = Number(first);
    const most = comma === undefined ? least : second === "" ? Infinity : Number(second);
    if (most < least) throw invalidPattern();
    return [least, most];
  }

  #class(): CharacterSet {
    const negated = this.#take("^");
    const set: CharacterSet = new Uint8Array(OTHERS + 1);
    for (let first = true; first || !this.#take("]"); first = false) {
      const from = this.#member();
      const code = codeOf(from);
      if (
        code !== undefined &&
        this.#text.charAt(this.#at) === "-" &&
        !/^-(?:\]|$)/.test(this.#text.slice(this.#at, this.#at + 2))
      ) {
        this.#at += 1;
        const to = codeOf(this.#member());
        if (to === undefined || to < code) throw invalidPattern();
        set.fill(1, code, to + 1);
      } else {
        for (const [index, is] of from.entries()) if (is === 1) set[index] = 1;
      }
    }
    return negated ? inverse(set) : set;
  }

  /** One member of a class. Operators but `]` and `[` stand for themselves. */
  #member(): CharacterSet {
    const character = this.#text.charAt(this.#at++);
    if (character === "\\") return this.#escape();
    if (LITERAL.test(character)) return setOf(character);
    if (character === "" || !"^$?{}|*+.".includes(character)) throw invalidPattern();
    return setOf(character);
  }

  #escape(): CharacterSet {
    const character = this.#text.charAt(this.#at++);
    const known = CLASSES.get(character.toLowerCase());
    if (known !== undefined) return character === character.toLowerCase() ? known : inverse(known);
    if (character === "x") {
      const digits = /^[0-9A-Fa-f]{2}/.exec(this.#text.slice(this.#at))?.[0];
      const code = digits === undefined ? OTHERS : Number.parseInt(digits, 16);
      if (code >= OTHERS) throw invalidPattern();
      this.#at += 2;
      return setOf(String.fromCharCode(code));
    }
    const control = CONTROLS.get(character);
    if (control !== undefined) return setOf(control);
    if (character === "" || !(OPERATORS.includes(character) || /[^A-Za-z0-9]/.test(character)) || character.charCodeAt(0) > 127) {
      throw invalidPattern();
    }
    return setOf(character);
  }

  #take(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }
}

const DIGITS = "0123456789";
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
  ["f", "\f"],
]);
const CLASSES: ReadonlyMap<string, CharacterSet> = new Map([
  ["d", setOf(DIGITS)],
  ["s", setOf(" \t\n\r\f\v")],
  ["w", setOf(`${DIGITS}${LETTERS}${LETTERS.toUpperCase()}_`)],
]);

function setOf(characters: string): CharacterSet {
  const set: CharacterSet = new Uint8Array(OTHERS + 1);
  for (const character of characters) set[character.charCodeAt(0)] = 1;
  return set;
}

function inverse(set: CharacterSet): CharacterSet {
  return set.map((is) => 1 - is);
}

/** The character of a set of one. */
function codeOf(set: CharacterSet): number | undefined {
  const first = set.indexOf(1);
  return first >= 0 && first < OTHERS && first === set.lastIndexOf(1) ? first : undefined;
}
