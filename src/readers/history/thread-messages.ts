import type { Position } from "../../journal/journal.ts";
import type { HistoryStats, LookupQuery, SearchQuery } from "./history.ts";
import type { PackedPage } from "./packed-page.ts";

/** What the history's thread is started with. */
export interface ThreadData {
  readonly dir: string;
  readonly retentionDays: number;
  readonly dataEvents: boolean;
}

export type ThreadWork =
  | { readonly kind: "open"; readonly journalEnd: Position }
  /** `batch` as `packBatch` makes it; it comes back with the answer, to be filled again. */
  | { readonly kind: "read"; readonly batch: ArrayBuffer }
  | { readonly kind: "lookup"; readonly query: LookupQuery }
  | { readonly kind: "search"; readonly query: SearchQuery }
  | { readonly kind: "stats" }
  | { readonly kind: "close" };

/** `now`: epoch milliseconds, and `elapsed`: see `HistoryOptions`, so that the thread goes by the clocks of whoever asks. */
export type ThreadRequest = ThreadWork & { readonly id: number; readonly now: number; readonly elapsed: number };

export type ThreadReply =
  | { readonly kind: "done"; readonly id: number; readonly position: Position; readonly batch?: ArrayBuffer }
  | { readonly kind: "page"; readonly id: number; readonly page: PackedPage }
  | { readonly kind: "stats"; readonly id: number; readonly stats: HistoryStats }
  | { readonly kind: "failed"; readonly id: number; readonly name: string; readonly error: Error }
  | { readonly kind: "log"; readonly fields: { readonly err?: unknown; readonly position?: Position }; readonly text: string };
