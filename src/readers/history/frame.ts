import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { FRAME_BYTES } from "./limits.ts";
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

/** With a checksum. Level 3: higher ones save under 3 % and cost twice the time. Level 1: for what is soon removed. */
const LEVEL = { quickly: 1, well: 3 } as const;

/** What is compressed, and the events as parts of it. */
export interface RawFrame {
  readonly raw: Uint8Array;
  readonly parts: readonly EventBytes[];
}

/** All lengths first, then the records, then the heads: what is alike stands together. */
export function rawFrame(events: readonly EventBytes[]): RawFrame {
  const writer = new VarintWriter();
  writer.write(events.length);
  for (const { head, record } of events) {
    writer.write(record.length);
    writer.write(head.length);
  }
  const lengths = writer.finish();
  const raw = Buffer.concat([lengths, ...events.map((event) => event.record), ...events.map((event) => event.head)]);
  return { raw, parts: partsOf(raw, lengths.length, events) };
}

export function packFrame({ raw }: Pick<RawFrame, "raw">, how: keyof typeof LEVEL, dictionary?: Uint8Array): PackedFrame {
  const params = { [constants.ZSTD_c_compressionLevel]: LEVEL[how], [constants.ZSTD_c_checksumFlag]: 1 };
  return { packed: zstdCompressSync(raw, { params, ...(dictionary && { dictionary }) }), length: raw.length };
}

/** Splits into frames: at most `most` events and, but for one that is larger itself, `FRAME_BYTES` octets. */
export function* framesOf<Event extends EventBytes>(events: readonly Event[], most: number): Generator<readonly Event[]> {
  let run: Event[] = [];
  let octets = 0;
  for (const event of events) {
    const size = event.head.length + event.record.length;
    if (run.length > 0 && (run.length === most || octets + size > FRAME_BYTES)) {
      yield run;
      run = [];
      octets = 0;
    }
    run.push(event);
    octets += size;
  }
  if (run.length > 0) yield run;
}

/** Throws where the bytes are not what `packFrame` made with the same dictionary. */
export function unpackFrame({ packed, length }: PackedFrame, dictionary?: Uint8Array): readonly EventBytes[] {
  const raw = decompress(packed, length, dictionary);
  if (raw.length !== length) throw new RangeError("another length");
  return readFrame(raw);
}

/**
 * Several frames of one dictionary at once, which takes a third of the time that they take one by one. Copies, so that one
 * that is kept does not keep the others. Throws where any of them is broken.
 */
export function unpackFrames(frames: readonly PackedFrame[], dictionary?: Uint8Array): readonly (readonly EventBytes[])[] {
  const length = frames.reduce((sum, frame) => sum + frame.length, 0);
  const all = decompress(Buffer.concat(frames.map(({ packed }) => packed)), length, dictionary);
  if (all.length !== length) throw new RangeError("another length");
  let at = 0;
  return frames.map((frame) => readFrame(Uint8Array.prototype.slice.call(all, at, (at += frame.length))));
}

function decompress(packed: Uint8Array, length: number, dictionary: Uint8Array | undefined): Uint8Array {
  return zstdDecompressSync(packed, {
    maxOutputLength: Math.max(length, 1),
    chunkSize: Math.max(length, 64),
    ...(dictionary && { dictionary }),
  });
}

function readFrame(raw: Uint8Array): readonly EventBytes[] {
  const reader = new VarintReader(raw);
  const lengths = Array.from({ length: reader.read() }, () => ({
    record: { length: reader.read() },
    head: { length: reader.read() },
  }));
  return partsOf(raw, reader.at, lengths);
}

type Lengths = readonly { readonly record: { readonly length: number }; readonly head: { readonly length: number } }[];

function partsOf(raw: Uint8Array, start: number, lengths: Lengths): readonly EventBytes[] {
  let record = start;
  let head = lengths.reduce((sum, event) => sum + event.record.length, start);
  const parts = lengths.map((event) => {
    const part = {
      record: raw.subarray(record, record + event.record.length),
      head: raw.subarray(head, head + event.head.length),
    };
    record += event.record.length;
    head += event.head.length;
    return part;
  });
  if (head !== raw.length) throw new RangeError("lengths do not add up");
  return parts;
}
