import { crc32 } from "node:zlib";
import { BLOCK_MAGIC, SALT_BYTES, SALT_OFFSET, readBlockHeader } from "./block.ts";

/** At the start of each segment file: magic (8 B), salt (8 B), zero (12 B), crc32 of all that (u32). */
export const SEGMENT_HEADER_BYTES = 32;

const MAGIC = Buffer.from("OTRAIL\u0000\u0001", "latin1");
const CHECKSUM_OFFSET = SEGMENT_HEADER_BYTES - 4;

export function encodeSegmentHeader(salt: Uint8Array): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  header.set(MAGIC, 0);
  header.set(salt, MAGIC.length);
  header.writeUInt32LE(crc32(header.subarray(0, CHECKSUM_OFFSET)), CHECKSUM_OFFSET);
  return header;
}

/** The salt, or undefined where this is no segment or a damaged one. */
export function readSegmentSalt(bytes: Buffer): Buffer | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  if (crc32(bytes.subarray(0, CHECKSUM_OFFSET)) !== bytes.readUInt32LE(CHECKSUM_OFFSET)) return undefined;
  return Buffer.from(bytes.subarray(MAGIC.length, MAGIC.length + SALT_BYTES));
}

/**
 * The salt as its blocks have it, where the segment's own header is damaged; undefined where no block has a header that is whole.
 * Records cannot pose as one: JSON has no zero octets, and a header has many.
 */
export function saltOfBlocks(bytes: Buffer): Buffer | undefined {
  for (let at = bytes.indexOf(BLOCK_MAGIC); at !== -1; at = bytes.indexOf(BLOCK_MAGIC, at + 1)) {
    const salt = Buffer.from(bytes.subarray(at + SALT_OFFSET, at + SALT_OFFSET + SALT_BYTES));
    if (salt.length === SALT_BYTES && readBlockHeader(bytes, at, salt) !== undefined) return salt;
  }
  return undefined;
}
