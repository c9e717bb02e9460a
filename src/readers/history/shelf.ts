import type { PackedFrame } from "./frame.ts";

/** Several frames in one row. Layout: count, then compressed and unpacked length of each (32 bits, low first), then the frames. */
export function packShelf(frames: readonly PackedFrame[]): Uint8Array {
  const table = Buffer.alloc(1 + frames.length * 8);
  table.writeUInt8(frames.length);
  for (const [at, frame] of frames.entries()) {
    table.writeUInt32LE(frame.packed.length, 1 + at * 8);
    table.writeUInt32LE(frame.length, 5 + at * 8);
  }
  return Buffer.concat([table, ...frames.map((frame) => frame.packed)]);
}

/** One frame of a shelf, still compressed. Throws RangeError where it has no such frame. */
export function frameOf(shelf: Uint8Array, wanted: number): PackedFrame {
  const bytes = Buffer.from(shelf.buffer, shelf.byteOffset, shelf.byteLength);
  const count = bytes.readUInt8();
  if (wanted >= count) throw new RangeError(`no frame ${wanted} of ${count}`);
  let start = 1 + count * 8;
  for (let at = 0; at < wanted; at++) start += bytes.readUInt32LE(1 + at * 8);
  const packed = bytes.subarray(start, start + bytes.readUInt32LE(1 + wanted * 8));
  return { packed, length: bytes.readUInt32LE(5 + wanted * 8) };
}
