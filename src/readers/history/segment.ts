import type { EventIndex } from "../../event/built-event.ts";
import type { Position } from "../../journal/journal.ts";
import { encodeDocList } from "./doc-list.ts";
import { framesOf, packFrame, rawFrame, type EventBytes, type PackedFrame } from "./frame.ts";
import { FRAME_EVENTS, SECONDS_PER_DAY, SHELF_FRAMES } from "./limits.ts";
import { packShelf } from "./shelf.ts";
import type { Scope, Terms } from "./term.ts";
import { VarintReader, VarintWriter } from "./varint.ts";

/** An event of a day that waits to be written into a segment. */
export interface BufferedEvent extends EventBytes {
  readonly position: Position;
  /** Epoch seconds, whole. */
  readonly time: number;
  readonly index: EventIndex;
}

/**
 * Up to `SEGMENT_EVENTS` events of one day in journal order, in the form in which they are stored for good. An event's
 * place in it is its ordinal.
 */
export interface Segment {
  readonly events: number;
  readonly earliest: number;
  readonly latest: number;
  readonly lastPosition: Position;
  readonly columns: Uint8Array;
  readonly shelves: readonly Uint8Array[];
  /** By term, ascending. */
  readonly postings: readonly (readonly [term: number, docs: number | Uint8Array])[];
  readonly scopes: readonly Scope[];
}

/** What must be known of every event of a segment to put it in order, and where its bytes are. */
export interface Columns {
  readonly times: Float64Array;
  readonly positions: Float64Array;
  /** First ordinal of each frame. */
  readonly frames: readonly number[];
}

/** Takes some 15 ms; yields about every one. `dictionary`: what its frames are to be compressed with. */
export function* encodeSegment(
  events: readonly BufferedEvent[],
  terms: Terms,
  dictionary: Uint8Array | undefined,
): Generator<void, Segment> {
  const frames: PackedFrame[] = [];
  const lengths: number[] = [];
  for (const run of framesOf(events, FRAME_EVENTS)) {
    lengths.push(run.length);
    frames.push(packFrame(rawFrame(run), "well", dictionary));
    yield;
  }
  const postings = yield* encodePostings(events, terms);
  return {
    events: events.length,
    earliest: events.reduce((least, event) => Math.min(least, event.time), Infinity),
    latest: events.reduce((most, event) => Math.max(most, event.time), -Infinity),
    lastPosition: events.at(-1)?.position ?? 0,
    columns: encodeColumns(events, lengths),
    shelves: Array.from({ length: Math.ceil(frames.length / SHELF_FRAMES) }, (_, at) =>
      packShelf(frames.slice(at * SHELF_FRAMES, (at + 1) * SHELF_FRAMES)),
    ),
    postings,
    scopes: scopesOf(events),
  };
}

/** Throws RangeError where the bytes are broken. */
export function decodeColumns(bytes: Uint8Array): Columns {
  const reader = new VarintReader(bytes);
  const events = reader.read();
  const times = new Float64Array(events);
  const positions = new Float64Array(events);
  let [time, position] = [reader.read() * SECONDS_PER_DAY, 0];
  for (let at = 0; at < events; at++) {
    time += reader.readSigned();
    position += reader.read();
    times[at] = time;
    positions[at] = position;
  }
  const frames: number[] = [];
  for (let start = 0; start < events; start += reader.read()) frames.push(start);
  return { times, positions, frames };
}

function encodeColumns(events: readonly BufferedEvent[], frameLengths: readonly number[]): Uint8Array {
  const day = Math.floor((events[0]?.time ?? 0) / SECONDS_PER_DAY);
  const writer = new VarintWriter();
  writer.write(events.length);
  writer.write(day);
  let [time, position] = [day * SECONDS_PER_DAY, 0];
  for (const event of events) {
    writer.writeSigned(event.time - time);
    writer.write(event.position - position);
    time = event.time;
    position = event.position;
  }
  for (const length of frameLengths) writer.write(length);
  return writer.finish();
}

function* encodePostings(events: readonly BufferedEvent[], terms: Terms): Generator<void, Segment["postings"]> {
  const lists = new Map<number, number[]>();
  for (const [ordinal, event] of events.entries()) {
    terms.forEach(event.index, (term) => {
      const list = lists.get(term);
      if (list === undefined) lists.set(term, [ordinal]);
      else if (list.at(-1) !== ordinal) list.push(ordinal);
    });
    if (ordinal % 128 === 127) yield;
  }
  return [...Float64Array.from(lists.keys()).sort()].map((term) => [term, encodeDocList(lists.get(term) ?? [])] as const);
}

function scopesOf(events: readonly BufferedEvent[]): readonly Scope[] {
  const scopes = new Map<string, Scope>();
  for (const { index } of events) {
    const name = `${index.category}\n${index.account}\n${index.region}`;
    if (!scopes.has(name)) scopes.set(name, { account: index.account, region: index.region, category: index.category });
  }
  return [...scopes.values()];
}
