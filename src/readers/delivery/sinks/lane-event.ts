import type { EventIndex } from "../../../event/built-event.ts";
import type { Position, StoredEntry } from "../../../journal/journal.ts";
import { entryIndex } from "../entry-index.ts";

/** One event on its way to a sink. */
export interface LaneEvent {
  readonly position: Position;
  readonly index: EventIndex;
  /** The record's bytes, as they stand in the journal. */
  readonly record: Uint8Array;
}

/** Which of a batch's events a lane sends, in journal order: a pure function of the journal and of the trails' revisions. */
export interface LaneSelection {
  select(batch: readonly StoredEntry[]): readonly LaneEvent[];
}

/** Every recorded event. An entry whose head cannot be read is passed over: it can be none of ours. */
export const everyEvent: LaneSelection = {
  select: (batch) =>
    batch.flatMap((entry) => {
      const index = entryIndex(entry);
      return index === undefined ? [] : [{ position: entry.position, index, record: entry.body }];
    }),
};
