import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { EventBytes } from "./frame.ts";
import { DICTIONARY_BYTES } from "./limits.ts";

/** Events to learn from: more of them improve it by less than a per cent. */
const SAMPLE_EVENTS = 256;
/** Octets that are taken over as one piece. */
const PIECE = 256;
/** Octets whose repetition counts: zstd finds matches from about this length on worth while. */
const GRAM = 8;
const COUNTERS_BITS = 19;

/**
 * What the events have in common, as a raw zstd dictionary of `DICTIONARY_BYTES` at most: of each stretch of a sample the
 * piece that repeats most often elsewhere and is not taken over already; the best come last, where zstd reaches them with
 * the shortest offsets. Takes some 30 ms; yields every fraction of one.
 */
export function* trainDictionary(events: readonly EventBytes[]): Generator<void, Uint8Array> {
  const every = Math.max(1, Math.floor(events.length / SAMPLE_EVENTS));
  const sample = events.filter((_, at) => at % every === 0);
  const bytes = Buffer.concat([...sample.map((event) => event.record), ...sample.map((event) => event.head)]);
  if (bytes.length <= DICTIONARY_BYTES) return bytes;

  const counts = new Uint32Array(2 ** COUNTERS_BITS);
  const last = bytes.length - GRAM;
  for (let at = 0; at <= last; at++) {
    const gram = gramAt(bytes, at);
    counts[gram] = (counts[gram] ?? 0) + 1;
    if (at % 8192 === 0) yield;
  }

  const pieces: { readonly worth: number; readonly at: number }[] = [];
  const stretch = bytes.length / Math.floor(DICTIONARY_BYTES / PIECE);
  for (let from = 0; from + PIECE + GRAM <= bytes.length; from += stretch) {
    const piece = bestPiece(bytes, counts, Math.floor(from), Math.min(Math.floor(from + stretch) + PIECE, last));
    pieces.push(piece);
    for (let at = piece.at; at < piece.at + PIECE; at++) counts[gramAt(bytes, at)] = 0;
    yield;
  }
  pieces.sort((a, b) => a.worth - b.worth);
  return Buffer.concat(pieces.map(({ at }) => bytes.subarray(at, at + PIECE)));
}

/** The stored form: a dictionary itself shrinks to a third. */
export function packDictionary(dictionary: Uint8Array): Uint8Array {
  return zstdCompressSync(dictionary);
}

/** Throws where the bytes are broken in a way that shows; frames that do not unpack with it show the rest. */
export function unpackDictionary(packed: Uint8Array): Uint8Array {
  return zstdDecompressSync(packed, { maxOutputLength: DICTIONARY_BYTES });
}

function bestPiece(bytes: Buffer, counts: Uint32Array, from: number, to: number): { worth: number; at: number } {
  let worth = 0;
  let best = { worth: -1, at: from };
  for (let at = from; at < to; at++) {
    worth += counts[gramAt(bytes, at)] ?? 0;
    const start = at - PIECE + 1;
    if (start < from) continue;
    if (worth > best.worth) best = { worth, at: start };
    worth -= counts[gramAt(bytes, start)] ?? 0;
  }
  return best;
}

/** A counter for the `GRAM` octets at that place; odd constants of no meaning. */
function gramAt(bytes: Buffer, at: number): number {
  const mixed = Math.imul(bytes.readInt32LE(at), 0x9e37_79b1) ^ Math.imul(bytes.readInt32LE(at + 4), 0x85eb_ca77);
  return mixed >>> (32 - COUNTERS_BITS);
}
