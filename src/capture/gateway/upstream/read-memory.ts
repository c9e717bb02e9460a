/** Octets of one slab: as much as one read takes at most. */
const SLAB = 256 * 1024;
/** Slabs of one answer. What its reader has not spent stays in them, so the rest of it is copied until they are free again. */
const SLABS_MOST = 4;
/** Room behind what a slab holds that is worth another read. */
const LEAST = 64 * 1024;
/** Slabs that are kept for later answers: 16 MB. */
const KEPT_MOST = 64;

interface Slab {
  readonly octets: Buffer;
  /** Octets at its beginning that were read. */
  filled: number;
  /** Views of it that are not spent yet. */
  readonly lent: Set<Uint8Array>;
}

const kept: Slab[] = [];

/**
 * Where a flowing answer is read to. Its pieces go on to the client as they stand, without a copy, and their memory is used
 * again when they are spent; the collector has nothing to do with it. Memory of which that is never said is let go.
 */
export class ReadMemory {
  readonly #slabs: Slab[] = [];
  #current: Slab | undefined;
  #closed = false;

  /** Where the next read may go, until `room` is asked again or the memory closed; undefined where all is lent. */
  room(): Buffer | undefined {
    const current = this.#current;
    let free = this.#slabs.find(({ lent }) => lent.size === 0);
    if (free === undefined && current !== undefined && SLAB - current.filled >= LEAST)
      return current.octets.subarray(current.filled);
    free ??= this.#another();
    this.#current = free;
    if (free !== undefined) free.filled = 0;
    return free?.octets;
  }

  /** Gives `piece`, where it is part of what was read into the room given last, lent until it is spent; else a copy. */
  lend(piece: Buffer): Buffer {
    const current = this.#current;
    if (current === undefined || piece.buffer !== current.octets.buffer) return Buffer.from(piece);
    current.filled = Math.max(current.filled, piece.byteOffset + piece.length);
    current.lent.add(piece);
    return piece;
  }

  /** Nobody looks at a piece that was lent any more. Others are passed over. */
  spent(piece: Uint8Array): void {
    const slab = this.#slabs.find(({ octets }) => octets.buffer === piece.buffer);
    if (slab?.lent.delete(piece) === true && this.#closed && slab.lent.size === 0) keep(slab);
  }

  /** Nothing is read into it any more. MUST NOT be called while a socket may still do so. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#current = undefined;
    for (const slab of this.#slabs) if (slab.lent.size === 0) keep(slab);
  }

  #another(): Slab | undefined {
    if (this.#slabs.length >= SLABS_MOST) return undefined;
    const slab = kept.pop() ?? { octets: Buffer.allocUnsafeSlow(SLAB), filled: 0, lent: new Set() };
    this.#slabs.push(slab);
    return slab;
  }
}

function keep(slab: Slab): void {
  if (kept.length < KEPT_MOST) kept.push(slab);
}
