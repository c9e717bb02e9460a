import { crc32 } from "node:zlib";
import type { Position } from "../../journal.ts";
import { BLOCK_HEADER_BYTES, type BlockHeader, readBlockHeader } from "./block.ts";
import { corrupt } from "./scan-segment.ts";
import type { Segment } from "./segment.ts";

export interface WalkedBlock {
  readonly header: BlockHeader;
  readonly stored: Buffer;
  /** In the file, for messages. */
  readonly offset: number;
}

/** The blocks that `bytes` (from `offset` of a segment) consists of, each checked. Throws `JournalCorrupt` at the first that is not whole. */
export function* walkBlocks(
  bytes: Buffer,
  segment: Pick<Segment, "path" | "salt">,
  offset: number,
  first: Position,
): Generator<WalkedBlock> {
  let position = first;
  let at = 0;
  while (at < bytes.length) {
    const header = readBlockHeader(bytes, at, segment.salt);
    if (header === undefined || header.first !== position) throw corrupt(segment.path, offset + at, "block header damaged");
    const start = at + BLOCK_HEADER_BYTES;
    const stored = bytes.subarray(start, start + header.storedBytes);
    if (stored.length < header.storedBytes || crc32(stored) !== header.checksum) {
      throw corrupt(segment.path, offset + at, "block fails its checksum");
    }
    yield { header, stored, offset: offset + at };
    position += header.count;
    at = start + header.storedBytes;
  }
}
