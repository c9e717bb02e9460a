import { crc32 } from "node:zlib";
import { JournalCorrupt, type Position } from "../../journal.ts";
import { BLOCK_HEADER_BYTES, findLaterBlock, readBlockHeader } from "./block.ts";
import type { SegmentName } from "./layout.ts";
import { Segment } from "./segment.ts";
import { readSegmentSalt } from "./segment-header.ts";

export interface SegmentScan {
  readonly segment: Segment;
  /** Bytes behind the newest whole block that are not zero: what a crash left of a block that nobody was told about. */
  readonly tornBytes: number;
}

/**
 * Checks every block of a segment file and notes where they are.
 *
 * `last` is the newest position that MUST be there: one before the next segment, or the newest acknowledged one. What
 * stands behind it was never acknowledged and is left out. Without `last` this is the newest segment, whose end is found
 * as follows. Blocks are written one at a time, each synced before the next is begun, so a crash can damage only the last
 * one. A damaged block with anything of a later write behind it was whole once: that is corruption and throws
 * `JournalCorrupt`; otherwise it is a torn tail.
 */
export function scanSegment(bytes: Buffer, path: string, name: SegmentName, last?: Position): SegmentScan {
  const salt = readSegmentSalt(bytes);
  if (salt === undefined) throw corrupt(path, 0, "segment header damaged");
  const segment = new Segment(name.base, path, name.form, salt, bytes.length);
  const goal = last ?? Infinity;
  while (segment.last < goal) {
    const offset = segment.end;
    const header = readBlockHeader(bytes, offset, salt);
    if (header === undefined) break;
    if (header.first !== segment.last + 1) {
      throw corrupt(path, offset, `block begins at position ${header.first} instead of ${segment.last + 1}`);
    }
    const payload = bytes.subarray(offset + BLOCK_HEADER_BYTES, offset + BLOCK_HEADER_BYTES + header.storedBytes);
    if (payload.length < header.storedBytes || crc32(payload) !== header.checksum) break;
    segment.note(header.count, BLOCK_HEADER_BYTES + header.storedBytes);
  }
  if (last !== undefined) {
    if (segment.last !== last) throw corrupt(path, segment.end, `entries ${segment.last + 1} to ${last} are damaged or missing`);
    return { segment, tornBytes: 0 };
  }
  if (name.form === "sealed") {
    // Made whole under another name before it got this one: no crash can have torn it.
    if (segment.end !== bytes.length) throw corrupt(path, segment.end, "sealed segment damaged");
    return { segment, tornBytes: 0 };
  }
  return { segment, tornBytes: tornBytes(bytes, segment) };
}

function tornBytes(bytes: Buffer, segment: Segment): number {
  const written = endOfData(bytes, segment.end);
  if (written === segment.end) return 0;
  const { path, end, last, salt } = segment;
  const later = findLaterBlock(bytes, end, last, salt);
  if (later !== -1) throw corrupt(path, end, `block damaged, and a whole one follows at offset ${later}`);
  const header = readBlockHeader(bytes, end, salt);
  if (header !== undefined && written > end + BLOCK_HEADER_BYTES + header.storedBytes) {
    throw corrupt(path, end, `block damaged, and more was written behind it`);
  }
  return written - end;
}

const ZEROS = Buffer.alloc(64 * 1024);

/** Offset behind the last byte that is not zero, `from` when there is none. */
function endOfData(bytes: Buffer, from: number): number {
  let end = bytes.length;
  while (end > from) {
    const start = Math.max(from, end - ZEROS.length);
    const piece = bytes.subarray(start, end);
    if (piece.equals(ZEROS.subarray(0, piece.length))) {
      end = start;
      continue;
    }
    while (end > start && bytes[end - 1] === 0) end--;
    return end;
  }
  return from;
}

export function corrupt(path: string, offset: number, what: string): JournalCorrupt {
  return new JournalCorrupt(`${path}, offset ${offset}: ${what}`);
}
