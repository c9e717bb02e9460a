/** Octets from which on a piece keeps the memory in which it came; what is smaller is gathered. */
const OWN_LEAST = 1024;
const BLOCK_LEAST = 256;
const BLOCK_MOST = 8 * 1024;

/**
 * Octets that wait, in the pieces in which they came. Small ones are put together as they come: a client that sends one octet at a time
 * must not cost a hundred times what it sends.
 */
export class PieceQueue {
  #pieces: Buffer[] = [];
  #octets = 0;
  /** Memory of the last piece, where that was put together here. */
  #block: Buffer | undefined;
  /** Octets of it that are taken. */
  #to = 0;

  get octets(): number {
    return this.#octets;
  }

  /** Keeps `piece` itself, or a copy. */
  push(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#octets += piece.length;
    if (piece.length >= OWN_LEAST || this.#pieces.length === 0) {
      this.#block = undefined;
      this.#pieces.push(piece);
      return;
    }
    let block = this.#block;
    if (block === undefined || block.length - this.#to < piece.length) {
      const size = block === undefined ? BLOCK_LEAST : Math.min(2 * block.length, BLOCK_MOST);
      block = this.#block = Buffer.allocUnsafeSlow(Math.max(size, piece.length));
      this.#to = 0;
      this.#pieces.push(block);
    }
    this.#to += piece.copy(block, this.#to);
    this.#pieces[this.#pieces.length - 1] = block.subarray(0, this.#to);
  }

  /** Takes the first piece off. */
  shift(): Buffer | undefined {
    const piece = this.#pieces.shift();
    this.#octets -= piece?.length ?? 0;
    if (this.#pieces.length === 0) this.#block = undefined;
    return piece;
  }

  /** Takes everything off, as one piece. */
  takeAll(): Buffer {
    const [only, ...more] = this.#pieces;
    const all = only !== undefined && more.length === 0 ? only : Buffer.concat(this.#pieces);
    this.clear();
    return all;
  }

  clear(): void {
    this.#pieces = [];
    this.#octets = 0;
    this.#block = undefined;
  }
}
