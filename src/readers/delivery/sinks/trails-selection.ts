import type { Trail } from "../../../account/trails/trail.ts";
import type { TrailRevision, TrailStore } from "../../../account/trails/trail-store.ts";
import type { EventIndex } from "../../../event/built-event.ts";
import type { StoredEntry } from "../../../journal/journal.ts";
import { entryIndex } from "../entry-index.ts";
import type { TrailEnds } from "../trail-ends.ts";
import type { CoversAccount } from "../trail-scope.ts";
import { type EntryFate, TrailSelection } from "../trail-selection.ts";
import type { LaneEvent, LaneSelection } from "./lane-event.ts";

export interface TrailsSelectionOptions {
  readonly trails: Pick<TrailStore, "revisions" | "onChange">;
  readonly ends: TrailEnds;
  readonly covers: CoversAccount;
  /** Which trails count; it is asked about one as it was last. */
  readonly counts: (trail: Trail) => boolean;
  /** Of management events, a trail that logs takes all in its accounts and Regions, whatever it selects. */
  readonly everyManagementEvent: boolean;
}

/** What any of several trails takes, each event once. */
export class TrailsSelection implements LaneSelection {
  readonly #options: TrailsSelectionOptions;
  #selections: readonly OneTrail[] | undefined;

  constructor(options: TrailsSelectionOptions) {
    this.#options = options;
    // The store outlives whoever reads.
    options.trails.onChange(() => (this.#selections = undefined));
  }

  select(batch: readonly StoredEntry[]): readonly LaneEvent[] {
    this.#selections ??= this.#compile();
    const events: LaneEvent[] = [];
    for (const entry of batch) {
      const index = entryIndex(entry);
      let taken = false;
      // Every trail is asked: where it ends shows on the way.
      for (const selection of this.#selections) {
        const fate = fateOf(selection, entry, index);
        taken ||= fate === "selected" || fate === "own";
      }
      if (taken && index !== undefined) events.push({ position: entry.position, index, record: entry.body });
    }
    return events;
  }

  #compile(): readonly OneTrail[] {
    const { trails, ends, covers, counts, everyManagementEvent } = this.#options;
    const byTrail = Map.groupBy(trails.revisions(), ({ trail }) => trail.id);
    return [...byTrail.values()].flatMap((revisions) => {
      const last = revisions.at(-1);
      if (last === undefined || !counts(last.trail)) return [];
      const asSet = new TrailSelection(revisions, ends, covers);
      return [{ asSet, management: everyManagementEvent ? new TrailSelection(revisions.map(unselected), ends, covers) : asSet }];
    });
  }
}

interface OneTrail {
  readonly asSet: TrailSelection;
  /** For management events, and entries that are no events. */
  readonly management: TrailSelection;
}

function fateOf({ asSet, management }: OneTrail, entry: StoredEntry, index: EventIndex | undefined): EntryFate {
  return (index === undefined || index.category === "Management" ? management : asSet).fate(entry);
}

/** All management events are what a trail takes where nobody has set selectors. */
function unselected(revision: TrailRevision): TrailRevision {
  const { selectors: _, ...trail } = revision.trail;
  return { ...revision, trail: { ...trail, recursiveLogging: true } };
}
