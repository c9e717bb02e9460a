import { SEGMENT_EVENTS } from "./limits.ts";
import { VarintReader, VarintWriter } from "./varint.ts";

/** Which events of a segment carry a term: ordinals below `SEGMENT_EVENTS`, ascending. */
export type DocList = Uint16Array;

const BITMAP_BYTES = SEGMENT_EVENTS / 8;

/**
 * The stored form: a lone ordinal is a plain number, which SQLite keeps in one or two octets; few are differences; many
 * are a bitmap, told apart by its fixed length.
 */
export function encodeDocList(ordinals: readonly number[]): number | Uint8Array {
  const [only] = ordinals;
  if (ordinals.length === 1 && only !== undefined) return only;
  if (ordinals.length < BITMAP_BYTES) {
    const writer = new VarintWriter();
    let before = -1;
    for (const ordinal of ordinals) {
      writer.write(ordinal - before - 1);
      before = ordinal;
    }
    const bytes = writer.finish();
    if (bytes.length < BITMAP_BYTES) return bytes;
  }
  const bitmap = new Uint8Array(BITMAP_BYTES);
  for (const ordinal of ordinals) bitmap[ordinal >> 3] = (bitmap[ordinal >> 3] ?? 0) | (1 << (ordinal & 7));
  return bitmap;
}

/** Throws RangeError where the stored form is broken. */
export function decodeDocList(stored: number | Uint8Array): DocList {
  if (typeof stored === "number") return Uint16Array.of(stored);
  const ordinals: number[] = [];
  if (stored.length === BITMAP_BYTES) {
    for (const [at, byte] of stored.entries()) {
      for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) ordinals.push(at * 8 + bit);
    }
  } else {
    const reader = new VarintReader(stored);
    let before = -1;
    while (!reader.atEnd) {
      before += reader.read() + 1;
      if (before >= SEGMENT_EVENTS) throw new RangeError("ordinal beyond its segment");
      ordinals.push(before);
    }
  }
  return Uint16Array.from(ordinals);
}

/** What is in both. */
export function intersect(a: DocList, b: DocList): DocList {
  const [fewer, more] = a.length <= b.length ? [a, b] : [b, a];
  const members = new Set(more);
  return fewer.filter((ordinal) => members.has(ordinal));
}

/** What is in either, ascending. */
export function union(a: DocList, b: DocList): DocList {
  return Uint16Array.from(new Set([...a, ...b])).sort();
}
