import { crc32 } from "node:zlib";
import { JournalCorrupt, type Position } from "../../journal.ts";
import { BLOCK_HEADER_BYTES, findLaterBlock, readBlockHeader } from "./block.ts";
import type { SegmentName } from "./layout.ts";
import { Segment } from "./segment.ts";
import { readSegmentSalt } from "./segment-header.ts";
import { whyNotTorn } from "./torn-block.ts";
import { endOfData } from "./zeros.ts";

export interface SegmentScan {
  readonly segment: Segment;
  /** Bytes behind the newest whole block that are not zero: what a crash left of a block that nobody was told about. */
  readonly tornBytes: number;
}

/**
 * Checks every block of a segment file and notes where they are.
 *
 * `last` is the newest position that MUST be there: one before the next segment, or the newest acknowledged one. What
 * stands behind it was never acknowledged and is left out. Without `last` this is the newest segment, which may end in a
 * block that a crash left unfinished (`whyNotTorn` says how that looks). All other damage throws `JournalCorrupt`.
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
  const reason = whyNotTorn({ bytes, offset: end, written, first: last + 1, salt });
  if (reason !== undefined) throw corrupt(path, end, reason);
  return written - end;
}

export function corrupt(path: string, offset: number, what: string): JournalCorrupt {
  return new JournalCorrupt(`${path}, offset ${offset}: ${what}`);
}
