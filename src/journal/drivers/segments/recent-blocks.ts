import type { Position, StoredEntry } from "../../journal.ts";
import { BLOCK_HEADER_BYTES, decodePayload } from "./block.ts";

interface RecentBlock {
  readonly first: Position;
  readonly count: number;
  readonly bytes: Buffer;
  entries: readonly StoredEntry[] | undefined;
}

/** What a block costs beyond its bytes, so that many tiny ones stay bounded too. */
const OVERHEAD_BYTES = 256;

/** The newest raw blocks, by bytes: whoever follows at the head reads them without the disk. */
export class RecentBlocks {
  readonly #limit: number;
  #blocks: RecentBlock[] = [];
  /** Blocks before this one are gone; the array is cut when half of it is. */
  #start = 0;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `bytes`: a whole raw block; MUST follow the newest one. */
  add(first: Position, count: number, bytes: Buffer): void {
    this.#blocks.push({ first, count, bytes, entries: undefined });
    this.#bytes += bytes.length + OVERHEAD_BYTES;
    while (this.#bytes > this.#limit) {
      const oldest = this.#blocks[this.#start];
      if (oldest === undefined) break;
      this.#bytes -= oldest.bytes.length + OVERHEAD_BYTES;
      this.#start++;
    }
    if (this.#start > 64 && this.#start * 2 > this.#blocks.length) {
      this.#blocks = this.#blocks.slice(this.#start);
      this.#start = 0;
    } else {
      // Let go of the bytes at once: the slots wait for the cut.
      for (let i = this.#start - 1; i >= 0 && this.#blocks[i] !== GONE; i--) this.#blocks[i] = GONE;
    }
  }

  /** All entries of the block that holds `position`; undefined when it is no longer (or not yet) here. */
  holding(position: Position): readonly StoredEntry[] | undefined {
    const oldest = this.#blocks[this.#start];
    if (oldest === undefined || position < oldest.first) return undefined;
    let low = this.#start;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#blocks[middle]?.first ?? Infinity) <= position) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low];
    if (block === undefined || position >= block.first + block.count) return undefined;
    block.entries ??= decodePayload(block.bytes.subarray(BLOCK_HEADER_BYTES), block.first, block.count);
    return block.entries;
  }
}

const GONE: RecentBlock = { first: 0, count: 0, bytes: Buffer.alloc(0), entries: undefined };
