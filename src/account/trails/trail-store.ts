import type { Trail } from "./trail.ts";

/**
 * The trails of all accounts, kept across restarts. Written by the CloudTrail API alone. Every change is kept with its place
 * in the journal, so that what a trail selects is a function of journal and revisions: a reader that comes late, or again,
 * comes to the same result.
 */
export interface TrailStore {
  /** An account's trails, by home Region and name. */
  list(accountId: string): Promise<readonly Trail[]>;

  /** The trails of all accounts. */
  all(): Promise<readonly Trail[]>;

  get(key: TrailKey): Promise<Trail | undefined>;

  /**
   * Adds a trail: durable when it resolves. `permit` sees the account's trails first, in the same transaction; what it
   * throws leaves everything as it was. Throws `TrailExists` where the key is taken.
   */
  add(trail: Trail, place: ChangePlace, permit: (existing: readonly Trail[]) => void): Promise<void>;

  /**
   * Replaces a trail by what `change` makes of it, in one transaction; durable when it resolves. `change` also sees the
   * account's other trails; what it throws leaves everything as it was. Key, id and ARN MUST stay. Resolves with the new
   * trail, with undefined where there is none. A change that alters nothing leaves no revision.
   */
  update(
    key: TrailKey,
    place: ChangePlace,
    change: (trail: Trail, others: readonly Trail[]) => Trail,
  ): Promise<Trail | undefined>;

  /** Whether there was such a trail. */
  remove(key: TrailKey, place: ChangePlace): Promise<boolean>;

  /** All revisions that are still kept, of trails that are gone too, each trail's in order. Answered from memory. */
  revisions(): readonly TrailRevision[];

  /** The trail's readers are past `position`: revisions that nobody can need any more may go, those of a trail that is gone all. */
  forget(id: string, position: number): Promise<void>;

  /** Calls `listener`, which MUST NOT throw, after each change that is durable, until the function that it gives is called. */
  onChange(listener: () => void): () => void;

  close(): Promise<void>;
}

/** What makes a trail one and the same: its ARN holds the same three. */
export type TrailKey = Pick<Trail, "accountId" | "homeRegion" | "name">;

/** Where in the journal a change takes effect. */
export interface ChangePlace {
  /** Position of the journal's last entry at the time: what follows it falls under the change. */
  readonly after: number;
  /** Id of the request that changes it: the event of a StopLogging still belongs to the trail that it stops. */
  readonly requestId: string;
}

/** What a trail was from one place in the journal on, until its next revision. */
export interface TrailRevision extends ChangePlace {
  readonly trail: Trail;
  /** The trail was deleted here; `trail` is what it was last. */
  readonly removed: boolean;
}

/**
 * How far behind a change its own event is looked for, in journal positions. Until then the revision before it still counts,
 * and is not forgotten.
 */
export const REQUEST_SEARCH_POSITIONS = 2000;

export class TrailExists extends Error {
  override name = "TrailExists";
}
