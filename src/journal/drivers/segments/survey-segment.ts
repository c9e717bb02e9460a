import { crc32 } from "node:zlib";
import type { Position } from "../../journal.ts";
import { BLOCK_HEADER_BYTES, type BlockHeader, findLaterBlock, readBlockHeader } from "./block.ts";
import { decodeBlock } from "./decode-block.ts";
import type { SegmentName } from "./layout.ts";
import { SEGMENT_HEADER_BYTES, readSegmentSalt, saltOfBlocks } from "./segment-header.ts";
import { whyNotTorn } from "./torn-block.ts";
import { endOfData } from "./zeros.ts";

/** A block that can be read. */
export interface SurveyedBlock {
  readonly offset: number;
  readonly bytes: number;
  readonly first: Position;
  readonly count: number;
}

/** A stretch of a segment file that cannot be read. */
export interface SegmentDamage {
  readonly offset: number;
  readonly what: string;
  /** First position that is lost by it; undefined where none is. */
  readonly first: Position | undefined;
  /** Last one; undefined where nobody can tell. */
  readonly last: Position | undefined;
}

/** All that can be said of a segment file, whatever state it is in. */
export interface SegmentSurvey {
  /** Undefined where it is lost, and with it all entries. */
  readonly salt: Buffer | undefined;
  /** What can be read and what cannot, in the order of positions. */
  readonly parts: readonly (SurveyedBlock | SegmentDamage)[];
  /** Newest position that is accounted for, readable or known to be lost. */
  readonly last: Position;
  /** Of a block that a crash left unfinished. */
  readonly tornBytes: number;
}

/**
 * Reads a segment file as far as that is possible. `next`: the position that the next segment begins with, undefined for the newest.
 * What stands behind `next` was never acknowledged and is left out. Never throws for what the bytes are.
 */
export async function surveySegment(bytes: Buffer, path: string, name: SegmentName, next?: Position): Promise<SegmentSurvey> {
  const parts: (SurveyedBlock | SegmentDamage)[] = [];
  const damage = (offset: number, what: string, first?: Position, last?: Position): void => {
    parts.push({ offset, what, first, last });
  };
  const salt = readSegmentSalt(bytes) ?? saltOfBlocks(bytes);
  if (readSegmentSalt(bytes) === undefined) damage(0, "segment header damaged");
  if (salt === undefined) {
    damage(SEGMENT_HEADER_BYTES, "no block can be told from others", name.base, next === undefined ? undefined : next - 1);
    return { salt, parts, last: next === undefined ? name.base - 1 : next - 1, tornBytes: 0 };
  }

  let [at, expected] = [SEGMENT_HEADER_BYTES, name.base];
  const result = (tornBytes = 0): SegmentSurvey => ({ salt, parts, last: expected - 1, tornBytes });
  const goal = next ?? Infinity;
  while (expected < goal) {
    const header = readBlockHeader(bytes, at, salt);
    if (header?.first === expected && isWhole(bytes, at, header)) {
      const block = { header, stored: payload(bytes, at, header), offset: at };
      const size = BLOCK_HEADER_BYTES + header.storedBytes;
      try {
        await decodeBlock(block, { path, salt });
        parts.push({ offset: at, bytes: size, first: expected, count: header.count });
      } catch {
        damage(at, "block cannot be decoded", expected, expected + header.count - 1);
      }
      at += size;
      expected += header.count;
      continue;
    }
    const written = endOfData(bytes, at);
    if (next === undefined && written === at) return result();
    const later = laterWholeBlock(bytes, at, expected, salt);
    if (later !== undefined && (next === undefined || later.first < next)) {
      const lost = later.first > expected ? ([expected, later.first - 1] as const) : [];
      damage(at, `block damaged, and a whole one follows at offset ${later.offset}`, ...lost);
      at = later.offset;
      expected = later.first;
      continue;
    }
    if (next !== undefined) {
      damage(at, written === at ? "entries are missing" : "block damaged", expected, next - 1);
      expected = next;
      return result();
    }
    const reason =
      name.form === "sealed" ? "sealed segment damaged" : whyNotTorn({ bytes, offset: at, written, first: expected, salt });
    if (reason === undefined) return result(written - at);
    if (header?.first === expected) {
      damage(at, reason, ...(header.count === 0 ? [] : [expected, expected + header.count - 1]));
      expected += header.count;
    } else {
      // No more than a header: the mark of an orderly close, which has no entries.
      damage(at, reason, written > at + BLOCK_HEADER_BYTES ? expected : undefined);
    }
    return result();
  }
  return result();
}

export function isDamage(part: SurveyedBlock | SegmentDamage): part is SegmentDamage {
  return "what" in part;
}

function payload(bytes: Buffer, offset: number, header: BlockHeader): Buffer {
  return bytes.subarray(offset + BLOCK_HEADER_BYTES, offset + BLOCK_HEADER_BYTES + header.storedBytes);
}

function isWhole(bytes: Buffer, offset: number, header: BlockHeader): boolean {
  const stored = payload(bytes, offset, header);
  return stored.length === header.storedBytes && crc32(stored) === header.checksum;
}

function laterWholeBlock(
  bytes: Buffer,
  from: number,
  expected: Position,
  salt: Buffer,
): { readonly offset: number; readonly first: Position } | undefined {
  let offset = from;
  for (;;) {
    offset = findLaterBlock(bytes, offset, expected - 1, salt);
    if (offset === -1) return undefined;
    const header = readBlockHeader(bytes, offset, salt);
    if (header !== undefined && isWhole(bytes, offset, header)) return { offset, first: header.first };
  }
}
