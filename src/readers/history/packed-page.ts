import type { EventIndex } from "../../event/built-event.ts";
import type { Position } from "../../journal/journal.ts";
import type { SearchPage } from "./history.ts";

/** A page in the form in which it goes from thread to thread: one buffer, which changes hands, for all records. */
export interface PackedPage {
  readonly events: readonly { readonly index: EventIndex; readonly position: Position; readonly octets: number }[];
  readonly records: ArrayBuffer;
  readonly nextToken: string | undefined;
  readonly scanned: number;
}

/** `scanned`: 0 for a lookup, which does not say. */
export function packPage({ events, nextToken, scanned = 0 }: Omit<SearchPage, "scanned"> & { scanned?: number }): PackedPage {
  const records = new Uint8Array(events.reduce((sum, { record }) => sum + record.length, 0));
  let at = 0;
  for (const { record } of events) {
    records.set(record, at);
    at += record.length;
  }
  return {
    events: events.map(({ index, position, record }) => ({ index, position, octets: record.length })),
    records: records.buffer,
    nextToken,
    scanned,
  };
}

export function unpackPage({ events, records, nextToken, scanned }: PackedPage): SearchPage {
  let at = 0;
  const unpacked = events.map(({ index, position, octets }) => {
    const record = new Uint8Array(records, at, octets);
    at += octets;
    return { index, position, record };
  });
  return { events: unpacked, ...(nextToken !== undefined && { nextToken }), scanned };
}
