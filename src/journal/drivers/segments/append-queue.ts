import { JournalUnavailable, type JournalEntry, type Position } from "../../journal.ts";
import { entryBytes } from "./block.ts";

export interface PendingAppend {
  readonly entries: readonly JournalEntry[];
  readonly bytes: number;
  readonly resolve: (first: Position) => void;
  readonly reject: (error: JournalUnavailable) => void;
}

/** Appends that go to disk in one write. */
export interface AppendGroup {
  readonly entries: readonly JournalEntry[];
  readonly appends: readonly PendingAppend[];
}

/**
 * Group commit: whatever arrives while a write is under way is the next group, so a lone append waits for nobody and a crowd
 * shares a sync. Past this size a group only makes its callers wait longer.
 */
const GROUP_BYTES = 4 * 1024 * 1024;

/** Appends that wait for the disk, in order, bounded by bytes. */
export class AppendQueue {
  readonly #limit: number;
  #waiting: PendingAppend[] = [];
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Rejects with `JournalUnavailable` when the queue is full; a lone append is taken whatever its size. */
  add(entries: readonly JournalEntry[]): Promise<Position> {
    let bytes = 0;
    for (const entry of entries) bytes += entryBytes(entry);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limit) {
      return Promise.reject(new JournalUnavailable(`journal overloaded: ${this.#bytes} bytes wait for the disk`));
    }
    this.#bytes += bytes;
    return new Promise((resolve, reject) => this.#waiting.push({ entries, bytes, resolve, reject }));
  }

  /** The next group. Its bytes count against the limit until `settle` or `refuse`. */
  take(): AppendGroup {
    const entries: JournalEntry[] = [];
    let bytes = 0;
    let taken = 0;
    for (const append of this.#waiting) {
      if (taken > 0 && bytes + append.bytes > GROUP_BYTES) break;
      for (const entry of append.entries) entries.push(entry);
      bytes += append.bytes;
      taken++;
    }
    return { entries, appends: this.#waiting.splice(0, taken) };
  }

  /** The group is durable from position `first` on. */
  settle(group: AppendGroup, first: Position): void {
    let position = first;
    for (const append of group.appends) {
      this.#bytes -= append.bytes;
      append.resolve(position);
      position += append.entries.length;
    }
  }

  /** Neither the group nor anything behind it will be recorded. */
  refuse(group: AppendGroup, reason: string, cause: unknown): void {
    const refused = [...group.appends, ...this.#waiting];
    this.#waiting = [];
    this.#bytes = 0;
    for (const append of refused) append.reject(new JournalUnavailable(reason, { cause }));
  }
}
