import type { Logger } from "../base/logger.ts";
import type { Journal, Position } from "../journal/journal.ts";
import { FollowReader, type ReaderLag, type ReaderObserver, type RetryDelays } from "./follow-reader.ts";
import type { Reader } from "./reader.ts";

export interface ReaderHostOptions {
  readonly journal: Journal;
  /** Those that are there from the beginning. Names are unique. The host closes them. */
  readonly readers: readonly Reader[];
  readonly logger: Logger;
  /** For metrics. MUST NOT throw. */
  readonly observer?: ReaderObserver;
  /** Entries in a batch at most; default 500. */
  readonly batchLimit?: number;
  /** Entries kept behind the slowest reader; default 10,000. */
  readonly keepEntries?: number;
  /** A position that must be kept although every reader is past it, with all behind it; default: none. */
  readonly keepFrom?: () => Position;
  /** Entries between two trims; default 5,000. */
  readonly trimStep?: number;
  /** Wait after a reader's first failure and the longest wait, in milliseconds; default 250 to 30,000. */
  readonly retryDelays?: RetryDelays;
  /** How long a reader at the journal's head gathers entries before it reads them; default 20. */
  readonly gatherMilliseconds?: number;
}

export interface ReaderHost {
  /** Throws `ReaderAhead`, and an error where there is a reader of this name or the host is closed. */
  add(reader: Reader): void;
  /** Lets the reader finish the batch in hand, then closes it. Without effect for one that is not there. */
  remove(reader: Reader): Promise<void>;
  /** How each reader stands. */
  lags(): readonly ReaderLag[];
  /** Resolves when every reader is at `position` or past it; rejects when the host closes before. */
  caughtUp(position: Position): Promise<void>;
  /** Lets each reader finish the batch in hand, then closes it. The journal stays open. */
  close(): Promise<void>;
}

/** A reader holds the effect of entries that the journal lost, and would miss those that are about to get their positions. */
export class ReaderAhead extends Error {
  override name = "ReaderAhead";
  readonly reader: string;

  constructor(reader: string, position: Position, last: Position) {
    super(
      `reader ${reader} stands at position ${position}, but the journal ends at ${last}: one of the two was restored or removed alone`,
    );
    this.reader = reader;
  }
}

/**
 * Drives each reader through the journal from its own position, independently of the others, and trims what all have read.
 * Throws `ReaderAhead`.
 */
export function createReaderHost(options: ReaderHostOptions): ReaderHost {
  return new Host(options);
}

class Host implements ReaderHost {
  readonly #journal: Journal;
  readonly #logger: Logger;
  readonly #keepEntries: number;
  readonly #keepFrom: () => Position;
  readonly #trimStep: number;
  readonly #options: ReaderHostOptions;
  readonly #followed = new Map<Reader, FollowReader>();
  readonly #waiting = new Set<{ position: Position; resolve: () => void; reject: (error: Error) => void }>();
  #trimmed: Position;
  #trimming: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ReaderHostOptions) {
    const { journal, readers, logger } = options;
    this.#options = options;
    this.#journal = journal;
    this.#logger = logger;
    this.#keepEntries = options.keepEntries ?? 10_000;
    this.#keepFrom = options.keepFrom ?? (() => Infinity);
    this.#trimStep = options.trimStep ?? 5_000;
    const { first, last } = journal.status();
    this.#trimmed = Math.max(0, first - 1);
    if (new Set(readers.map((reader) => reader.name)).size < readers.length) throw new Error("two readers have the same name");
    for (const reader of readers) this.#check(reader, last);
    for (const reader of readers) this.#follow(reader);
  }

  add(reader: Reader): void {
    if (this.#closing !== undefined) throw closed();
    const hasName = [...this.#followed.keys()].some(({ name }) => name === reader.name);
    if (hasName) throw new Error(`there is a reader ${reader.name} already`);
    this.#check(reader, this.#journal.status().last);
    this.#follow(reader);
  }

  async remove(reader: Reader): Promise<void> {
    const followed = this.#followed.get(reader);
    if (followed === undefined) return;
    try {
      // Nothing behind its position is trimmed until it is closed.
      await followed.close();
    } finally {
      this.#followed.delete(reader);
      this.#advanced();
    }
  }

  lags(): readonly ReaderLag[] {
    return [...this.#followed.values()].map((followed) => followed.lag());
  }

  caughtUp(position: Position): Promise<void> {
    if (this.#slowest() >= position) return Promise.resolve();
    if (this.#closing !== undefined) return Promise.reject(closed());
    return new Promise((resolve, reject) => this.#waiting.add({ position, resolve, reject }));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #check(reader: Reader, last: Position): void {
    const position = reader.position();
    if (position > last) throw new ReaderAhead(reader.name, position, last);
  }

  #follow(reader: Reader): void {
    const { journal, logger, observer, batchLimit, retryDelays, gatherMilliseconds } = this.#options;
    const followed = new FollowReader({
      journal,
      reader,
      logger,
      observer: observer ?? {},
      batchLimit: batchLimit ?? 500,
      retryDelays: retryDelays ?? { first: 250, most: 30_000 },
      gatherMilliseconds: gatherMilliseconds ?? 20,
      advanced: () => this.#advanced(),
    });
    this.#followed.set(reader, followed);
    followed.start();
  }

  #slowest(): Position {
    let slowest = Infinity;
    for (const followed of this.#followed.values()) slowest = Math.min(slowest, followed.position);
    return slowest;
  }

  #advanced(): void {
    const slowest = this.#slowest();
    for (const waiter of this.#waiting) {
      if (waiter.position > slowest) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
    if (this.#trimming === undefined && this.#removable() !== undefined) this.#trimming = this.#trim();
  }

  /** Where to trim to, when that is worth a step. */
  #removable(): Position | undefined {
    // Nobody has read anything.
    if (this.#followed.size === 0) return undefined;
    const worth = this.#trimmed + this.#trimStep;
    const read = this.#slowest() - this.#keepEntries;
    if (read < worth) return undefined;
    const upTo = Math.min(read, this.#keepFrom() - 1);
    return upTo >= worth ? upTo : undefined;
  }

  async #trim(): Promise<void> {
    try {
      for (let upTo = this.#removable(); upTo !== undefined; upTo = this.#removable()) {
        // Also where it fails: the next attempt is a step later, not with each batch.
        this.#trimmed = upTo;
        await this.#journal.trim(upTo);
      }
    } catch (error) {
      this.#logger.warn({ err: error }, "readers: could not trim the journal");
    }
    this.#trimming = undefined;
  }

  async #close(): Promise<void> {
    const results = await Promise.allSettled([...this.#followed.values()].map((followed) => followed.close()));
    await this.#trimming;
    for (const waiter of this.#waiting) waiter.reject(closed());
    this.#waiting.clear();
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}

function closed(): Error {
  return new Error("the readers are closed");
}
