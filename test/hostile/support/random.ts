/** Random numbers that a seed brings back: the generator sfc32, begun with the seed and a stream's number. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream = 0) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    this.#c = Math.floor(stream / 2 ** 32) ^ 0x5bd1e995;
    for (let i = 0; i < 12; i += 1) this.next();
  }

  /** From 0 to 2³² - 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + (this.next() % (most - least + 1));
  }

  /** Small far more often than large, up to `most`. */
  size(most: number): number {
    return Math.floor(most ** (this.next() / 2 ** 32)) - 1;
  }

  chance(probability: number): boolean {
    return this.next() / 2 ** 32 < probability;
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.next() % values.length];
    if (value === undefined) throw new Error("nothing to pick from");
    return value;
  }

  /** One of several, each as likely as its weight says. */
  weighed<Value>(choices: readonly (readonly [weight: number, value: Value])[]): Value {
    let at = (this.next() / 2 ** 32) * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) if ((at -= weight) < 0) return value;
    return this.pick(choices)[1];
  }

  /** `length` characters of an alphabet. */
  text(length: number, alphabet: string): string {
    let text = "";
    for (let i = 0; i < length; i += 1) text += alphabet[this.next() % alphabet.length];
    return text;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i += 1) bytes[i] = this.next();
    return bytes;
  }
}
