import { entryIndex } from "../entry-index.ts";
import type { TrailSelection } from "../trail-selection.ts";
import type { LaneSelection } from "./lane-event.ts";

/** What one trail takes. */
export function trailEvents(selection: TrailSelection): LaneSelection {
  return {
    select: (batch) =>
      batch.flatMap((entry) => {
        const index = entryIndex(entry);
        const fate = selection.fate(entry);
        if (index === undefined || (fate !== "selected" && fate !== "own")) return [];
        return [{ position: entry.position, index, record: entry.body }];
      }),
  };
}
