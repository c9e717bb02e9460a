/** Texts among which the beginning of another one is looked up by bisection. */
export class PrefixSet {
  /** In order of UTF-16 units, none the beginning of another. */
  readonly #prefixes: readonly string[];

  constructor(prefixes: readonly string[]) {
    const kept: string[] = [];
    for (const prefix of [...prefixes].sort(byUnits)) {
      const last = kept.at(-1);
      if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
    }
    this.#prefixes = kept;
  }

  /** Whether `text` begins with one of them. */
  begins(text: string): boolean {
    // The only one that can: the greatest that is not above the text.
    let low = 0;
    let high = this.#prefixes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#prefixes[middle] ?? "") <= text) low = middle + 1;
      else high = middle;
    }
    const candidate = this.#prefixes[low - 1];
    return candidate !== undefined && text.startsWith(candidate);
  }
}

function byUnits(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
