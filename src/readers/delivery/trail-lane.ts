import type { TrailRevision } from "../../account/trails/trail-store.ts";
import type { Position } from "../../journal/journal.ts";
import type { Reader } from "../reader.ts";

/**
 * One trail's way to one of its destinations. `position()` is what it has taken in; what of that is not delivered yet it may
 * keep in memory, and read again after a restart from `keepFrom()` on: nothing from there on is trimmed.
 */
export interface TrailLane extends Reader {
  /** The oldest position that it may still have to read. */
  keepFrom(): Position;
  /** The trail has changed. Its revisions, oldest first. */
  revise(revisions: readonly TrailRevision[]): void;
  /** Of a trail that was deleted: nothing is left to deliver, the lane can go. */
  isDone(): boolean;
}

/** A kind of destination: makes the lanes of trails. */
export interface TrailLanes {
  /** Whether a trail with these revisions, at least one, has use for a lane of this kind. Also true while an earlier lane has something left. */
  wants(revisions: readonly TrailRevision[]): boolean;
  open(revisions: readonly TrailRevision[]): TrailLane;
  /** The trail is gone and its lanes are done: nothing that is kept of it is needed any more. */
  forget(trailId: string): void;
}
