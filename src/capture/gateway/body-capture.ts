/** Keeps the beginning of a body, up to a cap. */
export class BodyCapture {
  readonly #cap: number;
  readonly #copies: boolean;
  readonly #chunks: Uint8Array[] = [];
  #kept = 0;
  #truncated = false;

  /**
   * @param cap bytes
   * @param copies the chunks' memory is used again: what is kept of them is copied.
   */
  constructor(cap: number, copies = false) {
    this.#cap = cap;
    this.#copies = copies;
  }

  push(chunk: Uint8Array): void {
    const room = this.#cap - this.#kept;
    if (chunk.length > room) this.#truncated = true;
    if (room <= 0 || chunk.length === 0) return;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#chunks.push(this.#copies ? Buffer.from(part) : part);
    this.#kept += part.length;
  }

  /** More came than was kept. */
  get truncated(): boolean {
    return this.#truncated;
  }

  bytes(): Uint8Array {
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#kept);
  }
}
