import { zstdDecompress } from "node:zlib";
import type { StoredEntry } from "../../journal.ts";
import { CODEC_LOST, CODEC_RAW, CODEC_ZSTD, decodePayload } from "./block.ts";
import { corrupt } from "./scan-segment.ts";
import type { Segment } from "./segment.ts";
import { type WalkedBlock, walkBlocks } from "./walk-blocks.ts";

/** Entries, and the decompressed bytes that they are views into. */
export interface DecodedBlock {
  readonly entries: readonly StoredEntry[];
  readonly bytes: number;
}

/** The entries of a block whose checksum is right. Throws `JournalCorrupt`. */
export async function decodeBlock(block: WalkedBlock, segment: Pick<Segment, "path" | "salt">): Promise<DecodedBlock> {
  const raw = block.header.codec === CODEC_ZSTD ? await decompress(block) : undefined;
  const blocks = raw === undefined ? [block] : walkBlocks(raw, segment, block.offset, block.header.first);
  const entries: StoredEntry[] = [];
  let bytes = 0;
  for (const inner of blocks) {
    const decoded = entriesOf(inner);
    if (decoded === undefined) throw corrupt(segment.path, block.offset, "block cannot be decoded");
    for (const entry of decoded) entries.push(entry);
    bytes += inner.stored.length;
  }
  return { entries, bytes };
}

function entriesOf({ header: { codec, first, count }, stored }: WalkedBlock): readonly StoredEntry[] | undefined {
  if (codec === CODEC_RAW) return decodePayload(stored, first, count);
  if (codec !== CODEC_LOST || count === 0) return undefined;
  return [{ position: first + count - 1, kind: "lost", head: stored, body: new Uint8Array() }];
}

/** In the thread pool: a block takes a few hundred microseconds, and callers wait for the main thread. Undefined where it fails. */
function decompress({ header, stored }: WalkedBlock): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    zstdDecompress(stored, { maxOutputLength: Math.max(1, header.rawBytes) }, (error, raw) => {
      resolve(error === null && raw.length === header.rawBytes ? raw : undefined);
    });
  });
}
