import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../base/logger.ts";
import { type Journal, JournalTrimmed, type Position } from "../journal/journal.ts";
import type { Reader } from "./reader.ts";

export interface ReaderLag {
  readonly name: string;
  readonly position: Position;
  /** Durable entries that it has not read. */
  readonly lag: number;
  /** Failures since it last got on; 0 while all is well. */
  readonly failures: number;
  /** What stops it, for people; undefined while all is well. */
  readonly problem: string | undefined;
}

export interface ReaderObserver {
  readonly batch?: (reader: string, entries: number, milliseconds: number) => void;
  readonly failure?: (reader: string, error: unknown) => void;
  /** Entries that were trimmed before this reader saw them. */
  readonly skipped?: (reader: string, entries: number) => void;
}

export interface RetryDelays {
  readonly first: number;
  readonly most: number;
}

export interface FollowReaderOptions {
  readonly journal: Journal;
  readonly reader: Reader;
  readonly logger: Logger;
  readonly observer: ReaderObserver;
  readonly batchLimit: number;
  readonly retryDelays: RetryDelays;
  /** How long to gather entries at the journal's head before they are read. */
  readonly gatherMilliseconds: number;
  /** Called after each step forward. */
  readonly advanced: () => void;
}

/** One reader on its way through the journal: read, apply, yield; wait at the head; back off and retry after an error. */
export class FollowReader {
  readonly #options: FollowReaderOptions;
  readonly #stop = new AbortController();
  #closing: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  /** Where reading goes on although the reader itself stands earlier: what lies between was trimmed. */
  #skippedTo: Position = 0;
  #failures = 0;
  #problem: string | undefined;
  /** The last batch was full: there is more, and no reason to wait. */
  #behind = true;

  constructor(options: FollowReaderOptions) {
    this.#options = options;
  }

  get position(): Position {
    return Math.max(this.#options.reader.position(), this.#skippedTo);
  }

  lag(): ReaderLag {
    const { journal, reader } = this.#options;
    const { position } = this;
    const lag = Math.max(0, journal.status().last - position);
    return { name: reader.name, position, lag, failures: this.#failures, problem: this.#problem };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Lets the reader finish the batch in hand, then closes it. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#options.reader.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#step();
      } catch (error) {
        if (error instanceof JournalTrimmed) this.#skip();
        else await this.#backOff(error);
      }
      // Readers may be wholly synchronous; requests come first.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #step(): Promise<void> {
    const { journal, reader, observer, batchLimit, advanced } = this.#options;
    const { signal } = this.#stop;
    const after = this.position;
    if (!this.#behind) await this.#gather(after);
    const batch = await journal.read(after, batchLimit);
    this.#behind = batch.length === batchLimit;
    const last = batch.at(-1)?.position;
    if (last === undefined || signal.aborted) return;
    const started = performance.now();
    await reader.read(batch, signal);
    if (reader.position() !== last) {
      throw new Error(`BUG: reader ${reader.name} took a batch up to position ${last} and stands at ${reader.position()}`);
    }
    this.#failures = 0;
    this.#problem = undefined;
    observer.batch?.(reader.name, batch.length, performance.now() - started);
    advanced();
  }

  /**
   * Waits for entries, and a moment longer for their successors. A batch costs its reader a commit, which holds the event
   * loop for about a millisecond: one for each entry would slow down the very calls that make the entries.
   */
  async #gather(after: Position): Promise<void> {
    const { journal, gatherMilliseconds } = this.#options;
    const { signal } = this.#stop;
    await journal.wait(after, signal);
    if (gatherMilliseconds > 0) await delay(gatherMilliseconds, undefined, { signal }).catch(() => {});
  }

  /** A reader that was added or switched on again begins with the oldest entry there is. */
  #skip(): void {
    const { journal, reader, logger, observer, advanced } = this.#options;
    const { position } = this;
    const { first } = journal.status();
    this.#skippedTo = first - 1;
    const entries = this.#skippedTo - position;
    const fields = { reader: reader.name, from: position + 1, to: this.#skippedTo, entries };
    if (position === 0) logger.info(fields, "readers: a new reader begins behind what was trimmed");
    else logger.error(fields, "readers: entries were trimmed before this reader saw them");
    observer.skipped?.(reader.name, entries);
    advanced();
  }

  async #backOff(reason: unknown): Promise<void> {
    const { reader, logger, observer, retryDelays } = this.#options;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    this.#failures++;
    this.#problem = reason instanceof Error ? reason.message : String(reason);
    const most = Math.min(retryDelays.first * 2 ** (this.#failures - 1), retryDelays.most);
    // Spread, so that readers stopped by the same thing do not all come back at once.
    const milliseconds = most * (0.75 + Math.random() / 4);
    logger.warn(
      { err: reason, reader: reader.name, failures: this.#failures, retryMilliseconds: milliseconds },
      "readers: batch failed",
    );
    observer.failure?.(reader.name, reason);
    await delay(milliseconds, undefined, { signal }).catch(() => {});
  }
}
