import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { VarintReader, VarintWriter } from "./varint.ts";

/** Head and record of an event, as the journal had them. */
export interface EventBytes {
  readonly head: Uint8Array;
  readonly record: Uint8Array;
}

/** A compressed run of events, and its length once unpacked. */
export interface PackedFrame {
  readonly packed: Uint8Array;
  readonly length: number;
}

/** Level 3 with a checksum: higher levels save under 3 % and cost twice the time. */
const PACK = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } };

/** All lengths first, then the records, then the heads: what is alike stands together. */
export function packFrame(events: readonly EventBytes[]): PackedFrame {
  const lengths = new VarintWriter();
  lengths.write(events.length);
  for (const { head, record } of events) {
    lengths.write(record.length);
    lengths.write(head.length);
  }
  const raw = Buffer.concat([lengths.finish(), ...events.map((event) => event.record), ...events.map((event) => event.head)]);
  return { packed: zstdCompressSync(raw, PACK), length: raw.length };
}

/** Throws where the bytes are not what `packFrame` made. */
export function unpackFrame({ packed, length }: PackedFrame): readonly EventBytes[] {
  const raw = zstdDecompressSync(packed, { maxOutputLength: Math.max(length, 1), chunkSize: Math.max(length, 64) });
  const reader = new VarintReader(raw);
  const lengths = Array.from({ length: reader.read() }, () => [reader.read(), reader.read()] as const);
  let record = reader.at;
  let head = record + lengths.reduce((sum, [octets]) => sum + octets, 0);
  const events = lengths.map(([recordLength, headLength]) => {
    const event = { record: raw.subarray(record, record + recordLength), head: raw.subarray(head, head + headLength) };
    record += recordLength;
    head += headLength;
    return event;
  });
  if (raw.length !== length || head !== length) throw new RangeError("lengths do not add up");
  return events;
}
