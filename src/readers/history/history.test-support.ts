import type { EventIndex } from "../../event/built-event.ts";
import type { StoredEntry } from "../../journal/journal.ts";
import { attributeValues, type AttributeKey } from "./attribute.ts";
import type { HistoryEvent } from "./history.ts";

/** 2026-03-10T00:00:00Z, epoch seconds. */
export const TODAY = Date.UTC(2026, 2, 10) / 1000;
export const ACCOUNT = "111122223333";
export const REGION = "us-east-1";

/** Bytes of a journal entry for an event; what `index` leaves out is that of a plain management event. */
export function entryOf(position: number, index: Partial<EventIndex> = {}, note = ""): StoredEntry {
  const full = indexOf(position, index);
  return {
    position,
    kind: "event",
    head: Buffer.from(JSON.stringify(full)),
    body: Buffer.from(JSON.stringify({ eventID: full.eventId, eventName: full.name, note })),
  };
}

export function indexOf(position: number, index: Partial<EventIndex> = {}): EventIndex {
  return {
    eventId: `00000000-0000-4000-8000-${String(position).padStart(12, "0")}`,
    time: TODAY - 3600 + position,
    account: ACCOUNT,
    region: REGION,
    category: "Management",
    source: "s3.amazonaws.com",
    name: "ListBuckets",
    readOnly: true,
    resources: [],
    ...index,
  };
}

/** What the history ought to answer, found by looking at everything. */
export interface Ask {
  readonly includes: (index: EventIndex) => boolean;
  readonly attributes: readonly { readonly key: AttributeKey; readonly value: string; readonly prefix?: boolean }[];
  readonly text?: string;
  readonly from?: number;
  readonly to?: number;
  readonly snapshot: number;
}

export function expected(entries: readonly StoredEntry[], ask: Ask): readonly string[] {
  return entries
    .filter((entry) => entry.kind === "event" && entry.position <= ask.snapshot)
    .map((entry) => ({ position: entry.position, index: parse(entry), record: Buffer.from(entry.body).toString() }))
    .filter(({ index, record }) => {
      const named = ask.attributes.every(({ key, value, prefix }) =>
        attributeValues(index, key).some((other) => (prefix === true ? other.startsWith(value) : other === value)),
      );
      const timely = index.time >= (ask.from ?? 0) && index.time <= (ask.to ?? Infinity);
      return ask.includes(index) && named && timely && record.includes(ask.text ?? "");
    })
    .toSorted((a, b) => b.index.time - a.index.time || b.position - a.position)
    .map(({ index }) => index.eventId);
}

export function ids(events: readonly HistoryEvent[]): readonly string[] {
  return events.map((event) => event.index.eventId);
}

function parse(entry: StoredEntry): EventIndex {
  return JSON.parse(Buffer.from(entry.head).toString()) as EventIndex;
}

/** A small deterministic source of randomness, so that one seed makes one run. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** The entry at a position of the journal that the crash test reads: three days of event time in turn, so that batches span them. */
export function crashEntry(position: number): StoredEntry {
  return entryOf(position, { time: TODAY - 1 - (position % 3) * 86_400 - (position % 1000), username: `user-${position % 10}` });
}
