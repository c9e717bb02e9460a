import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Clock } from "../../base/clock.ts";
import type { Position, StoredEntry } from "../../journal/journal.ts";
import type { HistoryLog } from "./create-history.ts";
import type { History, HistoryStats, LookupQuery, Page, SearchPage, SearchQuery } from "./history.ts";
import { HistoryUnavailable } from "./history.ts";
import { packBatch } from "./packed-batch.ts";
import { unpackPage } from "./packed-page.ts";
import { ThreadCalls } from "./thread-calls.ts";
import type { ThreadData } from "./thread-messages.ts";

export interface HistoryThreadOptions extends ThreadData {
  readonly clock: Clock;
  /** As in `HistoryOptions`. */
  readonly elapsed?: () => number;
  readonly logger: HistoryLog;
  /** Called each time that the thread has ended by itself. MUST NOT throw. */
  readonly ended?: () => void;
}

/** Megabytes. What is buffered and cached lies outside V8's heap, within the limits of limits.ts. */
const MEMORY = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 24 };

/** A larger buffer is not kept for the next batch. */
const MOST_SPARE = 8 * 1024 * 1024;

/** Wait before a thread that ended is started again, and the longest wait, in milliseconds. */
const RESTART = { first: 50, most: 30_000 };
/** Failures in a row after which queries are refused instead of waiting for the thread. */
const PATIENCE = 3;

/**
 * The event history in a thread of its own, so that whoever answers calls neither compresses, indexes nor searches. It is
 * handed one batch at a time. A thread that ends is started again, and the reader goes on from its stored position.
 *
 * The thread boots at once, which takes longest; `open` is to be called when the directory is known to be ours, and once.
 */
export class HistoryThread implements History {
  readonly name = "history";
  readonly #options: HistoryThreadOptions;
  readonly #closing = new AbortController();
  #calls: ThreadCalls;
  #ready: Promise<void> | undefined;
  #journalEnd: Position = 0;
  #position: Position = 0;
  #spare: ArrayBuffer | undefined;
  /** Starts since the last batch that was taken. */
  #failures = 0;
  /** Only a history that has been open comes back: what goes wrong before that is for whoever starts it to hear. */
  #opened = false;
  #closed: Promise<void> | undefined;

  constructor(options: HistoryThreadOptions) {
    this.#options = Object.freeze({ ...options });
    this.#calls = this.#start();
  }

  /** `journalEnd`: the journal's last position. Rejects with `HistoryUnavailable`, `HistoryCorrupt`. */
  async open(journalEnd: Position): Promise<void> {
    this.#journalEnd = journalEnd;
    this.#ready = this.#begin();
    await this.#ready;
  }

  position(): Position {
    return this.#position;
  }

  async read(batch: readonly StoredEntry[]): Promise<void> {
    const before = this.#position;
    const calls = await this.#available();
    // The thread was started again meanwhile and stands further on: the batch is to begin there.
    if (this.#position !== before) throw new HistoryUnavailable("the event history's thread was started again");
    const spare = this.#spare;
    this.#spare = undefined;
    const packed = packBatch(batch, spare);
    try {
      const reply = await calls.call({ kind: "read", batch: packed }, [packed]);
      if (reply.kind !== "done") throw new Error(`BUG: a batch was answered by ${reply.kind}`);
      this.#position = reply.position;
      if (reply.batch !== undefined && reply.batch.byteLength <= MOST_SPARE) this.#spare = reply.batch;
      this.#failures = 0;
    } catch (error) {
      // A thread that ended may have stored the batch first: the next one begins where the new thread stands.
      await this.#ready?.catch(() => {});
      throw error;
    }
  }

  async lookup(query: LookupQuery): Promise<Page> {
    const { scanned: _, ...page } = await this.#page({ kind: "lookup", query });
    return page;
  }

  async search(query: SearchQuery): Promise<SearchPage> {
    return await this.#page({ kind: "search", query });
  }

  async stats(): Promise<HistoryStats> {
    const reply = await (await this.#available()).call({ kind: "stats" });
    if (reply.kind !== "stats") throw new Error(`BUG: stats were answered by ${reply.kind}`);
    return reply.stats;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    try {
      // Opened or not, what was handed over is finished first.
      if (this.#ready !== undefined) await this.#ready.then(() => this.#calls.call({ kind: "close" })).catch(() => {});
    } finally {
      await this.#calls.terminate();
    }
  }

  async #page(work: { kind: "lookup"; query: LookupQuery } | { kind: "search"; query: SearchQuery }): Promise<SearchPage> {
    const reply = await (await this.#available()).call(work);
    if (reply.kind !== "page") throw new Error(`BUG: a query was answered by ${reply.kind}`);
    return unpackPage(reply.page);
  }

  async #available(): Promise<ThreadCalls> {
    if (this.#closing.signal.aborted) throw new HistoryUnavailable("the event history is closed");
    if (this.#ready === undefined) throw new HistoryUnavailable("the event history is not open yet");
    if (this.#failures > PATIENCE) throw new HistoryUnavailable("the event history's thread keeps ending; the log says why");
    await this.#ready;
    return this.#calls;
  }

  #start(): ThreadCalls {
    const { dir, retentionDays, dataEvents, clock, logger, elapsed = () => performance.now() } = this.#options;
    // The worker is a file of its own: source and build have different extensions.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    const workerData: ThreadData = { dir, retentionDays, dataEvents };
    const url = new URL(`./history-worker${extension}`, import.meta.url);
    const worker = new Worker(url, { workerData, resourceLimits: MEMORY, name: "event history" });
    return new ThreadCalls(worker, { clock, elapsed, logger, ended: (calls) => this.#onEnd(calls) });
  }

  async #begin(): Promise<void> {
    const reply = await this.#calls.call({ kind: "open", journalEnd: this.#journalEnd });
    if (reply.kind !== "done") throw new Error(`BUG: opening was answered by ${reply.kind}`);
    this.#position = reply.position;
    this.#opened = true;
  }

  #onEnd(calls: ThreadCalls): void {
    if (this.#closing.signal.aborted || calls !== this.#calls) return;
    this.#options.ended?.();
    if (this.#opened) this.#restart();
  }

  #restart(): void {
    const wait = Math.min(RESTART.first * 2 ** this.#failures, RESTART.most);
    this.#failures += 1;
    this.#ready = this.#startAgain(wait);
    this.#ready.catch((err: unknown) => {
      if (this.#closing.signal.aborted) return;
      this.#options.logger.error({ err }, "event history: could not be opened again");
      // Its end brings on the next attempt.
      void this.#calls.terminate();
    });
  }

  async #startAgain(wait: number): Promise<void> {
    await delay(wait, undefined, { signal: this.#closing.signal });
    try {
      this.#calls = this.#start();
    } catch (error) {
      this.#restart();
      throw error;
    }
    await this.#begin();
  }
}
