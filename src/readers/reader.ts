import type { Position, StoredEntry } from "../journal/journal.ts";

/**
 * One consumer of the journal. It keeps its own position, stored in the same transaction as what it makes of the entries,
 * so that a crash neither loses nor doubles anything. `ReaderHost` drives it: it is never called twice at a time.
 */
export interface Reader {
  readonly name: string;
  /** Newest position whose effect is durable. */
  position(): Position;
  /**
   * Applies the batch and its last position in one transaction. Throwing leaves both untouched, or at the last entry whose
   * effect is durable; the host tries again from there. A reader that waits for somebody else ends that when `signal` aborts:
   * the host closes.
   */
  read(batch: readonly StoredEntry[], signal?: AbortSignal): Promise<void> | void;
  close(): Promise<void>;
}
