import type { Trail } from "../../account/trails/trail.ts";
import { REQUEST_SEARCH_POSITIONS, type TrailRevision } from "../../account/trails/trail-store.ts";
import type { Position, StoredEntry } from "../../journal/journal.ts";
import { entryIndex } from "./entry-index.ts";
import type { TrailEnds } from "./trail-ends.ts";
import { type CoversAccount, type EventFate, type TrailScope, trailScope } from "./trail-scope.ts";

/** The stretch of the journal from one revision to the next. */
interface Period {
  readonly after: Position;
  /** The last position that belongs to it. */
  readonly upTo: Position;
  /** What is taken while the trail logs, or until it comes to its end; undefined where nothing is. */
  readonly scope: TrailScope | undefined;
  /** The trail was stopped: it takes all up to the event of the request that did it. */
  readonly stop: { readonly after: Position; readonly requestId: string } | undefined;
}

/** `idle`: the trail did not log at the time. */
export type EntryFate = EventFate | "idle";

/**
 * What one trail takes of the journal: a function of the journal and of the trail's revisions alone, whenever it is asked.
 * Entries of other kinds than `event` are idle.
 */
export class TrailSelection {
  readonly #id: string;
  readonly #ends: TrailEnds;
  readonly #periods: readonly Period[];
  #current: Period;

  /** `revisions`: of one trail, oldest first, at least one. */
  constructor(revisions: readonly TrailRevision[], ends: TrailEnds, covers: CoversAccount) {
    const first = revisions[0];
    if (first === undefined) throw new RangeError("a trail has at least one revision");
    this.#id = first.trail.id;
    this.#ends = ends;
    const before: Period = { after: -1, upTo: first.after, scope: undefined, stop: undefined };
    this.#periods = [before, ...periodsOf(revisions, covers)];
    this.#current = before;
  }

  /** MUST be asked of every entry in turn, at least from the place on where the trail was stopped: its end shows on the way. */
  fate(entry: StoredEntry): EntryFate {
    const { position, body } = entry;
    const { scope, stop } = this.#at(position);
    if (scope === undefined) return "idle";
    const end = stop === undefined ? Infinity : this.#ends.endOf(this.#id, stop.after);
    if (end !== undefined && position > end) return "idle";
    const index = entryIndex(entry);
    if (stop !== undefined && end === undefined) {
      const isOver =
        position >= stop.after + REQUEST_SEARCH_POSITIONS || (index !== undefined && isOfRequest(body, stop.requestId));
      if (isOver) this.#ends.found(this.#id, stop.after, position);
    }
    return index === undefined ? "idle" : scope(index, body);
  }

  /** Whether the trail, as it is now, has come to its end at `position` or before: nothing behind is taken unless it is changed. */
  isOverAt(position: Position): boolean {
    const last = this.#periods.at(-1);
    if (last?.scope === undefined) return last !== undefined && position >= last.after;
    if (last.stop === undefined) return false;
    return position >= (this.#ends.endOf(this.#id, last.stop.after) ?? Infinity);
  }

  #at(position: Position): Period {
    if (position > this.#current.after && position <= this.#current.upTo) return this.#current;
    this.#current = this.#periods.findLast(({ after, upTo }) => position > after && position <= upTo) ?? this.#current;
    return this.#current;
  }
}

function periodsOf(revisions: readonly TrailRevision[], covers: CoversAccount): readonly Period[] {
  let last: Trail | undefined;
  let stop: Period["stop"];
  return revisions.map(({ trail, after, requestId, removed }, at) => {
    const upTo = revisions[at + 1]?.after ?? Infinity;
    if (trail.logging && !removed) {
      last = trail;
      stop = undefined;
    } else if (last !== undefined) {
      stop ??= { after, requestId };
    }
    return { after, upTo, scope: last && scopeWhenAsked(last, covers), stop };
  });
}

/** Of all the forms that a trail has had, few are asked; what one selects may take a millisecond to compile. */
function scopeWhenAsked(trail: Trail, covers: CoversAccount): TrailScope {
  let scope: TrailScope | undefined;
  return (index, record) => (scope ??= trailScope(trail, covers))(index, record);
}

function isOfRequest(record: Uint8Array, requestId: string): boolean {
  const text = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (!text.includes(requestId)) return false;
  try {
    return (JSON.parse(text.toString()) as { requestID?: unknown } | null)?.requestID === requestId;
  } catch {
    return false;
  }
}
