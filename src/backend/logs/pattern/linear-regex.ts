import { type CharacterSet, OTHERS, parseRegex, type RegexNode } from "./regex-nodes.ts";

const BITS = 32;

/**
 * An expression of CloudWatch Logs, looked for anywhere in a text. The time is the text's length times a thirty-second of the
 * number of steps at most, whatever the expression and the text: each step of each branch has a bit, all active steps advance
 * at once, nothing is tried again.
 */
export class LinearRegex {
  readonly #words: number;
  /** Where branches begin, where they have matched, and steps that take any number of characters. */
  readonly #starts: Int32Array;
  readonly #finals: Int32Array;
  readonly #loops: Int32Array;
  /** Steps that may be passed over: in the text, at its beginning, at its end, and where it is empty. */
  readonly #passable: readonly [Int32Array, Int32Array, Int32Array, Int32Array];
  /** Of each character, the steps that take it. */
  readonly #takers: readonly Int32Array[];
  /** Characters with which a match behind the text's beginning can begin; undefined where it needs none. */
  readonly #first: CharacterSet | undefined;
  readonly #active: Int32Array;

  /** Throws `InvalidParameterException`. */
  constructor(expression: string) {
    const branches = parseRegex(expression);
    // A step more for each branch: that it has matched.
    const steps: readonly (RegexNode | undefined)[] = branches.flatMap((branch) => [...branch, undefined]);
    this.#words = Math.ceil(steps.length / BITS);
    const bits = (is: (step: RegexNode | undefined, index: number) => boolean): Int32Array => {
      const set = new Int32Array(this.#words);
      for (const [index, step] of steps.entries())
        if (is(step, index)) set[index >> 5] = (set[index >> 5] ?? 0) | (1 << (index & 31));
      return set;
    };
    const passable = (atStart: boolean, atEnd: boolean): Int32Array =>
      bits(
        (step) =>
          (step?.kind === "character" && step.optional) || (step?.kind === "start" && atStart) || (step?.kind === "end" && atEnd),
      );
    this.#starts = bits((_step, index) => index === 0 || steps[index - 1] === undefined);
    this.#finals = bits((step) => step === undefined);
    this.#loops = bits((step) => step?.kind === "character" && step.loops);
    this.#passable = [passable(false, false), passable(true, false), passable(false, true), passable(true, true)];
    this.#takers = Array.from({ length: OTHERS + 1 }, (_, symbol) =>
      bits((step) => step?.kind === "character" && step.set[symbol] === 1),
    );
    this.#first = firstCharacters(branches);
    this.#active = new Int32Array(this.#words);
  }

  test(text: string): boolean {
    const { length } = text;
    this.#active.fill(0);
    let isActive = false;
    for (let at = 0; ;) {
      const code = at < length ? text.charCodeAt(at) : 0;
      const symbol = code < OTHERS ? code : OTHERS;
      if (isActive || at === 0 || at >= length || this.#first?.[symbol] !== 0) {
        if (this.#begin(this.#passable[at === 0 ? (length === 0 ? 3 : 1) : at >= length ? 2 : 0])) return true;
        if (at >= length) return false;
        isActive = this.#take(this.#takers[symbol]);
      }
      at += symbol === OTHERS && isPair(text, at) ? 2 : 1;
    }
  }

  /** Begins all branches here and passes over what may be passed over; whether one has matched. */
  #begin(passable: Int32Array): boolean {
    let carry = 0;
    for (let word = 0; word < this.#words; word += 1) {
      const active = (this.#active[word] ?? 0) | (this.#starts[word] ?? 0);
      const passing = passable[word] ?? 0;
      // An addition carries each active bit through the passable ones above it, and one further.
      const sum = ((active & passing) >>> 0) + (passing >>> 0) + carry;
      carry = sum > 0xffff_ffff ? 1 : 0;
      const reached = active | ((sum | 0) ^ passing);
      if ((reached & (this.#finals[word] ?? 0)) !== 0) return true;
      this.#active[word] = reached;
    }
    return false;
  }

  /** Advances every step that takes the character; whether any is active then. */
  #take(takers: Int32Array | undefined): boolean {
    let [carry, any] = [0, 0];
    for (let word = 0; word < this.#words; word += 1) {
      const taking = (this.#active[word] ?? 0) & (takers?.[word] ?? 0);
      const loops = this.#loops[word] ?? 0;
      const advancing = taking & ~loops;
      const next = (advancing << 1) | carry | (taking & loops);
      carry = advancing >>> 31;
      this.#active[word] = next;
      any |= next;
    }
    return any !== 0;
  }
}

function firstCharacters(branches: readonly (readonly RegexNode[])[]): CharacterSet | undefined {
  const first: CharacterSet = new Uint8Array(OTHERS + 1);
  for (const branch of branches) {
    const end = branch.findIndex((step) => step.kind !== "character" || !step.optional);
    const step = branch[end];
    if (step === undefined || step.kind === "end") return undefined;
    for (const taken of branch.slice(0, end + 1)) {
      if (taken.kind !== "character") continue;
      for (const [code, is] of taken.set.entries()) if (is === 1) first[code] = 1;
    }
  }
  return first;
}

function isPair(text: string, at: number): boolean {
  const high = text.charCodeAt(at);
  if (high < 0xd800 || high > 0xdbff) return false;
  const low = text.charCodeAt(at + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}
