import { crc32 } from "node:zlib";
import type { EntryKind, JournalEntry, Position, StoredEntry } from "../../journal.ts";

/*
 * A block is what one group commit writes: a header of 48 bytes, then the payload. Numbers are little-endian.
 *
 *    0  u32  magic            24  u32  the same before compression
 *    4  u32  crc32 of 8…48    28  u32  crc32 of the payload as stored
 *    8  u48  first position   32  8 B  salt of the segment
 *   16  u32  entries          40  u8   codec: 0 raw, 1 zstd, 2 lost
 *   20  u32  payload bytes    41  7 B  zero
 *
 * The payload is a table (kind u8, head bytes u32, body bytes u32 for each entry), then head and body of each entry.
 * A block of no entries marks an orderly close. The payload of a zstd block is whole raw blocks, headers and all, so that
 * sealing a segment need not take entries apart. A lost block stands for entries that were damaged and set aside: its count
 * keeps the order without gaps, its payload is `LostEntries` as JSON.
 *
 * The salt is random and never leaves the file, so that no recorded body can pose as a block.
 */

export const BLOCK_HEADER_BYTES = 48;
export const SALT_OFFSET = 32;
export const SALT_BYTES = 8;
const MAGIC = 0x424a544f;
/** As it stands in a file. */
export const BLOCK_MAGIC: Buffer = Buffer.from("OTJB", "latin1");
const TABLE_ROW_BYTES = 9;

export const CODEC_RAW = 0;
export const CODEC_ZSTD = 1;
export const CODEC_LOST = 2;

/** Octets of a header that only its writer knew, from and to: checksum; entries, sizes and the payload's checksum. */
export const HEADER_UNKNOWN: readonly (readonly [from: number, to: number])[] = [
  [4, 8],
  [16, 32],
];

export interface BlockHeader {
  readonly first: Position;
  readonly count: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly checksum: number;
  readonly codec: number;
}

/** As they stand in payloads; `lost` is a block of its own. */
const KIND_NUMBERS: Readonly<Record<EntryKind, number>> = { event: 1, intent: 2, settled: 3, lost: 0 };
const KINDS: readonly (EntryKind | undefined)[] = [undefined, "event", "intent", "settled"];

/** Bytes that an entry takes in a payload. */
export function entryBytes(entry: JournalEntry): number {
  return TABLE_ROW_BYTES + entry.head.length + entry.body.length;
}

/** Bytes that `encodeBlock` makes of them. */
export function blockBytes(entries: readonly JournalEntry[]): number {
  let bytes = BLOCK_HEADER_BYTES;
  for (const entry of entries) bytes += entryBytes(entry);
  return bytes;
}

/** One raw block holding `entries`, header included. */
export function encodeBlock(entries: readonly JournalEntry[], first: Position, salt: Uint8Array): Buffer {
  const block = Buffer.allocUnsafeSlow(blockBytes(entries));
  let row = BLOCK_HEADER_BYTES;
  let at = row + entries.length * TABLE_ROW_BYTES;
  for (const { kind, head, body } of entries) {
    block[row] = KIND_NUMBERS[kind];
    block.writeUInt32LE(head.length, row + 1);
    block.writeUInt32LE(body.length, row + 5);
    block.set(head, at);
    block.set(body, at + head.length);
    row += TABLE_ROW_BYTES;
    at += head.length + body.length;
  }
  const payload = block.subarray(BLOCK_HEADER_BYTES);
  const storedBytes = payload.length;
  const header = { first, count: entries.length, storedBytes, rawBytes: storedBytes, checksum: crc32(payload), codec: CODEC_RAW };
  writeBlockHeader(block, header, salt);
  return block;
}

/** Writes a header into the first 48 bytes of `target`. */
export function writeBlockHeader(target: Buffer, header: BlockHeader, salt: Uint8Array): void {
  target.fill(0, 0, BLOCK_HEADER_BYTES);
  target.writeUInt32LE(MAGIC, 0);
  target.writeUIntLE(header.first, 8, 6);
  target.writeUInt32LE(header.count, 16);
  target.writeUInt32LE(header.storedBytes, 20);
  target.writeUInt32LE(header.rawBytes, 24);
  target.writeUInt32LE(header.checksum, 28);
  target.set(salt, SALT_OFFSET);
  target[40] = header.codec;
  target.writeUInt32LE(crc32(target.subarray(8, BLOCK_HEADER_BYTES)), 4);
}

/** What the header of a raw block must say wherever it is not `HEADER_UNKNOWN`. */
export function expectedBlockHeader(first: Position, salt: Uint8Array): Buffer {
  const header = Buffer.alloc(BLOCK_HEADER_BYTES);
  writeBlockHeader(header, { first, count: 0, storedBytes: 0, rawBytes: 0, checksum: 0, codec: CODEC_RAW }, salt);
  return header;
}

/** The header at `offset`, or undefined where none stands that belongs to the segment of this salt. */
export function readBlockHeader(bytes: Buffer, offset: number, salt: Buffer): BlockHeader | undefined {
  if (offset < 0 || offset + BLOCK_HEADER_BYTES > bytes.length) return undefined;
  if (bytes.readUInt32LE(offset) !== MAGIC) return undefined;
  const checked = bytes.subarray(offset + 8, offset + BLOCK_HEADER_BYTES);
  if (crc32(checked) !== bytes.readUInt32LE(offset + 4)) return undefined;
  if (!bytes.subarray(offset + SALT_OFFSET, offset + SALT_OFFSET + SALT_BYTES).equals(salt)) return undefined;
  return {
    first: bytes.readUIntLE(offset + 8, 6),
    count: bytes.readUInt32LE(offset + 16),
    storedBytes: bytes.readUInt32LE(offset + 20),
    rawBytes: bytes.readUInt32LE(offset + 24),
    checksum: bytes.readUInt32LE(offset + 28),
    codec: bytes.readUInt8(offset + 40),
  };
}

/** Offset of the next header of this segment whose entries come after `position`, or -1. */
export function findLaterBlock(bytes: Buffer, from: number, position: Position, salt: Buffer): number {
  let at = bytes.indexOf(salt, from + SALT_OFFSET);
  while (at !== -1) {
    const offset = at - SALT_OFFSET;
    const header = readBlockHeader(bytes, offset, salt);
    if (header !== undefined && offset > from && header.first > position) return offset;
    at = bytes.indexOf(salt, at + 1);
  }
  return -1;
}

/** The entries of a decompressed payload, as views into it; undefined where its table does not add up. */
export function decodePayload(payload: Buffer, first: Position, count: number): StoredEntry[] | undefined {
  let at = count * TABLE_ROW_BYTES;
  if (at > payload.length) return undefined;
  const entries: StoredEntry[] = [];
  for (let i = 0; i < count; i++) {
    const row = i * TABLE_ROW_BYTES;
    const kind = KINDS[payload.readUInt8(row)];
    const middle = at + payload.readUInt32LE(row + 1);
    const end = middle + payload.readUInt32LE(row + 5);
    if (kind === undefined || end > payload.length) return undefined;
    entries.push({ position: first + i, kind, head: payload.subarray(at, middle), body: payload.subarray(middle, end) });
    at = end;
  }
  return at === payload.length ? entries : undefined;
}
