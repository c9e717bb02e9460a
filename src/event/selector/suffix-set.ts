import { PrefixSet } from "./prefix-set.ts";

/** So many are looked at one by one. */
const FEW = 8;

/** Texts among which the end of another one is looked up; many of them by bisection, from the end on. */
export class SuffixSet {
  readonly #suffixes: readonly string[];
  readonly #reversed: PrefixSet | undefined;

  constructor(suffixes: readonly string[]) {
    this.#suffixes = suffixes;
    this.#reversed = suffixes.length > FEW ? new PrefixSet(suffixes.map(reversed)) : undefined;
  }

  /** Whether `text` ends with one of them. */
  ends(text: string): boolean {
    if (this.#reversed !== undefined) return this.#reversed.begins(reversed(text));
    for (const suffix of this.#suffixes) if (text.endsWith(suffix)) return true;
    return false;
  }
}

/** By UTF-16 units. */
function reversed(text: string): string {
  return Buffer.from(text, "utf16le").reverse().swap16().toString("utf16le");
}
