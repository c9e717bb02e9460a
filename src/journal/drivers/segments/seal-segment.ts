import { constants, crc32, zstdCompress } from "node:zlib";
import { dirname, join } from "node:path";
import type { Position } from "../../journal.ts";
import { BLOCK_HEADER_BYTES, CODEC_ZSTD, writeBlockHeader } from "./block.ts";
import type { DiskFiles } from "./disk-files.ts";
import { segmentFileName } from "./layout.ts";
import { corrupt } from "./scan-segment.ts";
import { Segment } from "./segment.ts";
import { SEGMENT_HEADER_BYTES, encodeSegmentHeader } from "./segment-header.ts";
import { walkBlocks } from "./walk-blocks.ts";

/** Raw bytes that are compressed together: twice as much saves three percent, and a reader holds one such block. */
const BLOCK_BYTES = 256 * 1024;
/** On records, 2 and 3 take longer and come out larger; 5 saves a twentieth for four times the work. */
const LEVEL = 1;

interface Run {
  readonly bytes: Buffer;
  readonly first: Position;
  readonly count: number;
}

/*
 * Why appends are written raw and compressed afterwards, if at all. Measured on 2 cores with records of 1.1 KB, compressing
 * before the sync put 40 µs in the way of a lone append, which shrank by a third only, and 70 µs in the way of a group of 64;
 * in the thread pool it cost as much time as the sync. Throughput of a plain log fell by a fifth to a half. Compressed
 * in blocks of 256 KiB, without anybody waiting, a record takes an eleventh of its size, and a segment
 * that readers keep up with is trimmed before its turn comes.
 */

/**
 * Writes the compressed form of a full segment and gives it the `.sealed` name. The raw file is left for the caller to
 * remove; whichever of the two a crash leaves is complete.
 */
export async function sealSegment(files: DiskFiles, segment: Segment): Promise<Segment> {
  const path = join(dirname(segment.path), segmentFileName(segment.base, "sealed"));
  const blocks: { count: number; bytes: number }[] = [];
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield encodeSegmentHeader(segment.salt);
    for await (const run of runsOf(files, segment)) {
      const bytes = await compressRun(run, segment.salt);
      blocks.push({ count: run.count, bytes: bytes.length });
      yield bytes;
    }
  }
  try {
    // What an attempt that failed could not remove: a file whose sync failed is not written again.
    await files.remove(`${path}.tmp`);
    await files.write(`${path}.tmp`, parts());
    await files.rename(`${path}.tmp`, path);
  } catch (error) {
    await files.remove(`${path}.tmp`).catch(() => {});
    throw error;
  }
  await files.syncDirectory(dirname(path));
  const fileBytes = blocks.reduce((sum, block) => sum + block.bytes, SEGMENT_HEADER_BYTES);
  const sealed = new Segment(segment.base, path, "sealed", segment.salt, fileBytes);
  for (const block of blocks) sealed.note(block.count, block.bytes);
  return sealed;
}

/** The blocks of a segment as they stand, checked, in runs of `BLOCK_BYTES` or more. */
async function* runsOf(files: DiskFiles, segment: Segment): AsyncGenerator<Run> {
  let first = segment.base;
  let span = segment.spanOf(first);
  while (span !== undefined) {
    const { offset } = span;
    let length = 0;
    for (; span !== undefined && length < BLOCK_BYTES; span = segment.spanAfter(span)) length += span.bytes;
    const bytes = await files.read(segment.path, offset, length);
    if (bytes.length < length) throw corrupt(segment.path, offset + bytes.length, "file ends early");
    let count = 0;
    for (const { header } of walkBlocks(bytes, segment, offset, first)) count += header.count;
    yield { bytes, first, count };
    first += count;
  }
}

/** One zstd block around the raw ones, or these as they are where they do not shrink. */
async function compressRun({ bytes, first, count }: Run, salt: Uint8Array): Promise<Buffer> {
  const stored = await compress(bytes);
  if (stored.length + BLOCK_HEADER_BYTES >= bytes.length) return bytes;
  const block = Buffer.allocUnsafeSlow(BLOCK_HEADER_BYTES + stored.length);
  block.set(stored, BLOCK_HEADER_BYTES);
  const [storedBytes, rawBytes, checksum] = [stored.length, bytes.length, crc32(stored)];
  writeBlockHeader(block, { first, count, storedBytes, rawBytes, checksum, codec: CODEC_ZSTD }, salt);
  return block;
}

/** In the thread pool: 256 KiB take about 350 µs, and callers wait for the main thread. */
function compress(bytes: Buffer): Promise<Buffer> {
  const options = { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } };
  return new Promise((resolve, reject) => {
    zstdCompress(bytes, options, (error, stored) => (error === null ? resolve(stored) : reject(error)));
  });
}
