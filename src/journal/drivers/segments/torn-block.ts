import { crc32 } from "node:zlib";
import type { Position } from "../../journal.ts";
import { BLOCK_HEADER_BYTES, HEADER_UNKNOWN, expectedBlockHeader, readBlockHeader } from "./block.ts";
import { isZero } from "./zeros.ts";

/** What a disk writes whole or not at all. Larger sectors are whole numbers of these. */
const SECTOR_BYTES = 512;

export interface DamagedBlock {
  /** Of the file, whole. */
  readonly bytes: Buffer;
  /** Where the block begins that is not whole. */
  readonly offset: number;
  /** Behind the last byte of the file that is not zero; past `offset`. */
  readonly written: number;
  /** Position that the block begins with. */
  readonly first: Position;
  readonly salt: Buffer;
}

/**
 * Tells a block that a crash left unfinished from one that was damaged later: undefined where a crash explains what is there,
 * else why it does not.
 *
 * Blocks are written one at a time into zeros, or behind the end of the file, and each is synced before the next is begun.
 * So a crash can leave nothing but this, and only behind the newest block that is whole:
 *
 *  - a prefix of one block, and zeros or the end of the file behind it (the process was killed, the disk was full), or
 *  - of one block any set of its sectors, the others still zero or missing (the power failed).
 *
 * It follows, where the block's header is whole, that the block fails its checksum because it has a sector without anything
 * written, or because it ends in zeros; and that nothing stands behind it. Where the header is not whole, either all there
 * is is a beginning of it; or the sector that it begins in was not written; or it reaches into the next sector and that one
 * was not. What is there of it then says what a header in this place must say.
 *
 * Everything else was whole once and acknowledged perhaps, and is corruption. Two things cannot be told from a crash. Damage
 * that itself consists of zeros, over whole sectors or up to the end of the last block: events are JSON, which has no
 * zero octet and ends in `}`, so that no single bit can do that. And stray bits in the zeros that no block has reached yet,
 * unless they are in the sector in which the next one begins: nothing was ever recorded there.
 */
export function whyNotTorn(damaged: DamagedBlock): string | undefined {
  const { bytes, offset, written, salt } = damaged;
  const header = readBlockHeader(bytes, offset, salt);
  if (header === undefined) return whyHeaderNotTorn(damaged);
  const end = offset + BLOCK_HEADER_BYTES + header.storedBytes;
  if (written > end) return "block damaged, and more was written behind it";
  if (written < end) return undefined;
  for (let sector = sectorAfter(offset); sector < end; sector += SECTOR_BYTES) {
    if (isZero(bytes, sector, Math.min(sector + SECTOR_BYTES, end))) return undefined;
  }
  return "block fails its checksum, though all of it was written";
}

function whyHeaderNotTorn({ bytes, offset, written, first, salt }: DamagedBlock): string | undefined {
  const expected = expectedBlockHeader(first, salt);
  const agrees = (from: number, to: number): boolean => {
    for (let at = from; at < Math.min(to, written); at++) {
      const unknown = HEADER_UNKNOWN.some(([start, end]) => at - offset >= start && at - offset < end);
      if (!unknown && bytes[at] !== expected[at - offset]) return false;
    }
    return true;
  };
  const end = offset + BLOCK_HEADER_BYTES;
  const sector = sectorAfter(offset);
  const isCut = bytes.length < end || (written < end && isBeginning(bytes.subarray(offset, written), expected));
  if (isCut && agrees(offset, end)) return undefined;
  if (isZero(bytes, offset, Math.min(sector, written))) {
    if (sector >= end || isZero(bytes, sector, end) || agrees(sector, end)) return undefined;
    return "block header damaged";
  }
  const reachesOver = sector < end;
  if (reachesOver && isZero(bytes, sector, sector + SECTOR_BYTES) && agrees(offset, sector)) return undefined;
  return "block header damaged";
}

/** Whether `start` lacks something of a header, and what is known of the rest would have made it one. */
function isBeginning(start: Buffer, expected: Buffer): boolean {
  const lastUnknown = Math.max(...HEADER_UNKNOWN.map(([, end]) => end));
  if (start.length < lastUnknown) return true;
  const whole = Buffer.from(expected);
  start.copy(whole);
  if (whole.equals(Buffer.concat([start], BLOCK_HEADER_BYTES))) return false;
  return crc32(whole.subarray(8)) === whole.readUInt32LE(4);
}

function sectorAfter(offset: number): number {
  return (Math.floor(offset / SECTOR_BYTES) + 1) * SECTOR_BYTES;
}
