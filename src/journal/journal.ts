/**
 * The journal: the one durable order of everything that happened. All else (history, delivery, insights) is made of it
 * and can be made again.
 */
export interface Journal {
  /**
   * Appends entries in the order given, all or none, contiguous. Resolves with the position of the first when every one
   * survives a power cut; concurrent calls share a sync (group commit). Rejects with `JournalUnavailable` when they could
   * not be made durable: they may or may not be found after a restart, and the caller MUST NOT report them as recorded.
   * Rejects with `RangeError` what is over `ENTRY_LIMITS` or of kind `lost`.
   */
  append(entries: readonly JournalEntry[]): Promise<Position>;

  /**
   * At most `limit` durable entries after `position`, oldest first; empty at the end. Their positions have no gaps but those
   * that a `lost` entry stands for. Throws `JournalTrimmed` where that part has been trimmed, `JournalCorrupt` (with file
   * and offset) where stored bytes fail their checksum.
   */
  read(after: Position, limit: number): Promise<readonly StoredEntry[]>;

  /** Resolves when entries after `position` are durable, or when `signal` aborts. */
  wait(after: Position, signal: AbortSignal): Promise<void>;

  /** Allows everything up to and including `position` to be removed. Whole files go; what is left over stays readable. */
  trim(upTo: Position): Promise<void>;

  status(): JournalStatus;

  /** Finishes what was accepted, then closes. */
  close(): Promise<void>;
}

/** Counts entries from 1, without gaps, in the order of `append`. 0 is before the first. */
export type Position = number;

/** Octets that a head and a body may have: all that is appended together is kept in memory whole. */
export const ENTRY_LIMITS = { head: 64 * 1024 - 1, body: 16 * 1024 * 1024 } as const;

export interface JournalEntry {
  readonly kind: EntryKind;
  /** Opaque to the journal. */
  readonly head: Uint8Array;
  /** Opaque to the journal. */
  readonly body: Uint8Array;
}

/**
 * `event`: head is the EventIndex as JSON, body the record. `intent`: the event of a call that is about to be forwarded, as
 * it will read if nothing more is ever heard of it; it is settled by an `event` with the same event id or becomes one after
 * a crash. `settled`: the intent whose event id stands in the head leaves no event. Readers heed events alone.
 * `lost` is only ever read, not appended: it stands at the last of the positions whose entries were damaged and set aside; head
 * is `LostEntries` as JSON, the body empty.
 */
export type EntryKind = "event" | "intent" | "settled" | "lost";

export interface StoredEntry extends JournalEntry {
  readonly position: Position;
}

/** Entries that were recorded, and cannot be read any more. */
export interface LostEntries {
  readonly first: Position;
  readonly last: Position;
  /** What was found, with file and offset; for people. */
  readonly reason: string;
  /** When somebody set the damage aside; ISO 8601. */
  readonly setAsideAt: string;
}

export interface JournalStatus {
  /** Oldest position still held and newest durable one; both 0 in an empty journal. */
  readonly first: Position;
  readonly last: Position;
  readonly bytes: number;
  readonly writable: boolean;
  /** Why not, for people; undefined while writable. */
  readonly problem: string | undefined;
  /** Entries that were lost to damage and set aside by somebody, oldest first; the newest hundred. */
  readonly lost: readonly LostEntries[];
}

export class JournalUnavailable extends Error {
  override name = "JournalUnavailable";
}

export class JournalTrimmed extends Error {
  override name = "JournalTrimmed";
}

/** Stored data is broken. The message names file and offset. */
export class JournalCorrupt extends Error {
  override name = "JournalCorrupt";
}
