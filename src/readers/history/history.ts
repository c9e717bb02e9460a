import type { BuiltEvent, EventIndex } from "../../event/built-event.ts";
import type { Position } from "../../journal/journal.ts";
import type { Reader } from "../reader.ts";
import type { AttributeKey } from "./attribute.ts";

/**
 * Event history: what happened in the last days, found by attribute. A reader of the journal that answers queries about
 * what it has read. Pages run from the newest event time to the oldest, among equal times from the newest recorded.
 *
 * Every first page fixes a snapshot: events recorded after it appear on none of its further pages, whatever their time.
 */
export interface History extends Reader {
  readonly name: "history";
  /**
   * One page of LookupEvents. Rejects with `InvalidPageToken`; `HistoryCorrupt` where stored data is broken;
   * `HistoryUnavailable` where nothing can be looked up at the moment.
   */
  lookup(query: LookupQuery): Promise<Page>;
  /**
   * One page of a wider search. A page may be short, or empty, and still carry a token: the work per page is bounded,
   * the token goes on where it stopped. Rejects like `lookup`.
   */
  search(query: SearchQuery): Promise<SearchPage>;
  stats(): Promise<HistoryStats>;
}

export interface LookupQuery {
  readonly account: string;
  readonly region: string;
  readonly category: "management" | "insight";
  readonly attribute?: LookupAttribute;
  /** Epoch seconds, both inclusive; by default everything that is kept. */
  readonly from?: number;
  readonly to?: number;
  /** 1 to 50. */
  readonly limit: number;
  /** `nextToken` of the page before. Every other member but `limit` must be as it was then. */
  readonly token?: string;
}

/** Exact, case-sensitive match. */
export interface LookupAttribute {
  readonly key: AttributeKey;
  readonly value: string;
}

/** All conditions must hold. Whoever asks must have been allowed to see every account named here: nothing is checked below. */
export interface SearchQuery {
  /** Undefined: all. */
  readonly accounts?: readonly string[];
  readonly regions?: readonly string[];
  readonly categories?: readonly EventIndex["category"][];
  /** A value that ends in `*` matches every value that begins with the rest; `\*` at the end is a star itself. */
  readonly attributes?: readonly LookupAttribute[];
  /** Found anywhere in the record, byte for byte. */
  readonly text?: string;
  readonly from?: number;
  readonly to?: number;
  /** 1 to 200. */
  readonly limit: number;
  readonly token?: string;
  /** Events and postings to look at for one page, 1 to 200,000; 20,000 by default. */
  readonly scanLimit?: number;
}

export interface Page {
  readonly events: readonly HistoryEvent[];
  /** Absent on the last page. */
  readonly nextToken?: string;
}

export interface SearchPage extends Page {
  /** What was looked at to make this page, in the unit of `scanLimit`. */
  readonly scanned: number;
}

export interface HistoryEvent extends BuiltEvent {
  readonly position: Position;
}

export interface HistoryStats {
  readonly position: Position;
  /** Without those of unreadable days. */
  readonly events: number;
  /** Days with events, as dates (`2026-03-02`), oldest first. */
  readonly days: readonly string[];
  /** Those among them whose file is broken or cannot be opened. */
  readonly unreadableDays: readonly string[];
  /** Octets on disk. */
  readonly bytes: number;
  /** Events in the write buffer, not in a compressed segment yet. */
  readonly buffered: number;
  /** Journal entries that could not be understood, since the start. */
  readonly malformed: number;
}

/** The page token was made for another query, by another store, or by nobody. */
export class InvalidPageToken extends Error {
  override name = "InvalidPageToken";
}

/** A file cannot be opened (in use by another process, not to be read or written; the message names it), or the thread is gone. */
export class HistoryUnavailable extends Error {
  override name = "HistoryUnavailable";
}

/** Stored data is broken. The message names the file. */
export class HistoryCorrupt extends Error {
  override name = "HistoryCorrupt";
}
