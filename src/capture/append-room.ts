import type { Journal, JournalEntry, Position } from "../journal/journal.ts";
import { RecordingUnavailable } from "./recorder.ts";

export interface AppendRoomOptions {
  readonly journal: Pick<Journal, "append" | "status">;
  /** Bytes past which no more calls are admitted: what waits for the disk, and `RESERVED_BYTES` for each admitted call. */
  readonly admittedBytes?: number;
  /** Bytes that wait for the disk at most; MUST be less than the journal's own queue takes. */
  readonly waitingBytes?: number;
}

/** What an admitted call is counted with until its event is appended: a typical event and its index. */
export const RESERVED_BYTES = 4096;

const MIB = 1024 * 1024;
/** What an entry costs the journal besides its bytes, generously. */
const ENTRY_BYTES = 64;

/**
 * The way into the journal for what calls leave there. Too many calls are refused at the door, before they have an effect;
 * whoever is in is never refused: where the disk lags so far that the journal's queue would overflow, appends wait here
 * instead, in order. How many can wait is bounded, because each belongs to an admitted call.
 */
export class AppendRoom {
  readonly #journal: Pick<Journal, "append" | "status">;
  readonly #admittedLimit: number;
  readonly #waitingLimit: number;
  readonly #queue: (() => void)[] = [];
  #admitted = 0;
  #appending = 0;

  constructor({ journal, admittedBytes = 32 * MIB, waitingBytes = 48 * MIB }: AppendRoomOptions) {
    this.#journal = journal;
    this.#admittedLimit = admittedBytes;
    this.#waitingLimit = waitingBytes;
  }

  /** Lets a call in; `leave` lets it out. Throws `RecordingUnavailable`. */
  enter(): void {
    const { writable, problem } = this.#journal.status();
    if (!writable) throw new RecordingUnavailable("journal", problem ?? "the journal cannot be written");
    if (this.#appending + (this.#admitted + 1) * RESERVED_BYTES > this.#admittedLimit) {
      const why = `${this.#admitted} calls are under way and ${this.#appending} bytes wait for the disk`;
      throw new RecordingUnavailable("overload", `too much waits to be recorded: ${why}`);
    }
    this.#admitted += 1;
  }

  leave(): void {
    this.#admitted -= 1;
  }

  /** As the journal's. */
  append(entries: readonly JournalEntry[]): Promise<Position> {
    return this.pass(entries, () => this.#journal.append(entries));
  }

  /** What `write` does with the entries is counted, and waited with, as an append of theirs. */
  async pass<Result>(entries: readonly JournalEntry[], write: () => Promise<Result>): Promise<Result> {
    let bytes = 0;
    for (const { head, body } of entries) bytes += head.length + body.length + ENTRY_BYTES;
    while (this.#appending > 0 && this.#appending + bytes > this.#waitingLimit) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    this.#appending += bytes;
    try {
      return await write();
    } finally {
      this.#appending -= bytes;
      if (this.#queue.length > 0) for (const wake of this.#queue.splice(0)) wake();
    }
  }
}
