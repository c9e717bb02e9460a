import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createHistory, type HistoryOptions } from "./create-history.ts";
import { HistoryThread } from "./history-thread.ts";
import { ids, TODAY } from "./history.test-support.ts";
import type { History, LookupQuery, SearchQuery } from "./history.ts";

/** A history in a directory of its own, with a clock that stands still until it is set. */
export class TestStore implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), "opentrail-history-"));
  /** Epoch milliseconds. */
  now = TODAY * 1000;
  /** Milliseconds of the clock that nobody sets. */
  elapsed = 0;
  readonly #threaded: boolean;
  readonly #opened: History[] = [];

  /** `threaded`: the history runs in a thread of its own. */
  constructor(threaded = false) {
    this.#threaded = threaded;
  }

  async open(options: Partial<HistoryOptions> = {}): Promise<History> {
    const clocks = { clock: { now: () => this.now }, elapsed: () => this.elapsed };
    const logger = pino({ level: "silent" });
    const all = { dir: this.dir, retentionDays: 90, dataEvents: false, ...clocks, logger, ...options };
    const history = this.#threaded ? new HistoryThread(all) : createHistory(all);
    this.#opened.push(history);
    if (history instanceof HistoryThread) await history.open(options.journalEnd ?? Number.MAX_SAFE_INTEGER);
    return history;
  }

  /** Time goes on, by both clocks. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.elapsed += milliseconds;
  }

  async close(): Promise<void> {
    for (const history of this.#opened.splice(0)) await history.close();
  }

  async reopen(options: Partial<HistoryOptions> = {}): Promise<History> {
    await this.close();
    return await this.open(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    rmSync(this.dir, { recursive: true });
  }
}

/** Every page of a lookup; all but the last must be full. */
export async function allPages(history: History, query: LookupQuery): Promise<readonly string[]> {
  const found: string[] = [];
  for (let token: string | undefined; ;) {
    const page = await history.lookup({ ...query, ...(token !== undefined && { token }) });
    found.push(...ids(page.events));
    if (page.nextToken === undefined) return found;
    if (page.events.length !== query.limit) throw new Error(`a page of ${page.events.length} has a next one`);
    token = page.nextToken;
  }
}

/** Every page of a search, short and empty ones too. */
export async function searchAll(history: History, query: SearchQuery): Promise<readonly string[]> {
  const found: string[] = [];
  for (let token: string | undefined, pages = 0; pages < 10_000; pages++) {
    const page = await history.search({ ...query, ...(token !== undefined && { token }) });
    found.push(...ids(page.events));
    if (page.nextToken === undefined) return found;
    token = page.nextToken;
  }
  throw new Error("the search does not end");
}
