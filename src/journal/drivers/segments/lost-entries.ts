import { crc32 } from "node:zlib";
import type { LostEntries } from "../../journal.ts";
import { BLOCK_HEADER_BYTES, CODEC_LOST, writeBlockHeader } from "./block.ts";

/** Longest text of a lost block, in characters: it says which file and offset. */
const REASON_LENGTH = 2000;

/** The block that stands for entries which cannot be read any more. */
export function encodeLostBlock(lost: LostEntries, salt: Uint8Array): Buffer {
  const payload = Buffer.from(JSON.stringify({ ...lost, reason: lost.reason.slice(0, REASON_LENGTH) }));
  const block = Buffer.alloc(BLOCK_HEADER_BYTES + payload.length);
  payload.copy(block, BLOCK_HEADER_BYTES);
  const count = lost.last - lost.first + 1;
  const sizes = { storedBytes: payload.length, rawBytes: payload.length, checksum: crc32(payload) };
  writeBlockHeader(block, { first: lost.first, count, ...sizes, codec: CODEC_LOST }, salt);
  return block;
}

/** `LostEntries` out of JSON; undefined where it is not. */
export function readLostEntries(json: string): LostEntries | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { first, last, reason, setAsideAt } = value as Partial<Record<keyof LostEntries, unknown>>;
  const isRange = typeof first === "number" && typeof last === "number" && first >= 1 && last >= first;
  if (!isRange || typeof reason !== "string" || typeof setAsideAt !== "string") return undefined;
  return { first, last, reason, setAsideAt };
}
