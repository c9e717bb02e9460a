/** Texts among which the end of another one is looked up: once for each length that occurs. */
export class SuffixSet {
  readonly #byLength: ReadonlyMap<number, ReadonlySet<string>>;

  constructor(suffixes: readonly string[]) {
    const byLength = new Map<number, Set<string>>();
    for (const suffix of suffixes) {
      const same = byLength.get(suffix.length);
      if (same === undefined) byLength.set(suffix.length, new Set([suffix]));
      else same.add(suffix);
    }
    this.#byLength = byLength;
  }

  /** Whether `text` ends with one of them. */
  ends(text: string): boolean {
    for (const [length, suffixes] of this.#byLength) {
      if (length <= text.length && suffixes.has(text.slice(text.length - length))) return true;
    }
    return false;
  }
}
