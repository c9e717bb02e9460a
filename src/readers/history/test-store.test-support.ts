import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createHistory, type HistoryOptions } from "./create-history.ts";
import { ids, TODAY } from "./history.test-support.ts";
import type { History, LookupQuery, SearchQuery } from "./history.ts";

/** A history in a directory of its own, with a clock that stands still until it is set. */
export class TestStore implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), "opentrail-history-"));
  /** Epoch milliseconds. */
  now = TODAY * 1000;
  readonly #opened: History[] = [];

  open(options: Partial<HistoryOptions> = {}): History {
    const clock = { now: () => this.now };
    const logger = pino({ level: "silent" });
    const history = createHistory({ dir: this.dir, retentionDays: 90, dataEvents: false, clock, logger, ...options });
    this.#opened.push(history);
    return history;
  }

  async close(): Promise<void> {
    for (const history of this.#opened.splice(0)) await history.close();
  }

  async reopen(options: Partial<HistoryOptions> = {}): Promise<History> {
    await this.close();
    return this.open(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    rmSync(this.dir, { recursive: true });
  }
}

/** Every page of a lookup; all but the last must be full. */
export function allPages(history: History, query: LookupQuery): readonly string[] {
  const found: string[] = [];
  for (let token: string | undefined; ;) {
    const page = history.lookup({ ...query, ...(token !== undefined && { token }) });
    found.push(...ids(page.events));
    if (page.nextToken === undefined) return found;
    if (page.events.length !== query.limit) throw new Error(`a page of ${page.events.length} has a next one`);
    token = page.nextToken;
  }
}

/** Every page of a search, short and empty ones too. */
export function searchAll(history: History, query: SearchQuery): readonly string[] {
  const found: string[] = [];
  for (let token: string | undefined, pages = 0; pages < 10_000; pages++) {
    const page = history.search({ ...query, ...(token !== undefined && { token }) });
    found.push(...ids(page.events));
    if (page.nextToken === undefined) return found;
    token = page.nextToken;
  }
  throw new Error("the search does not end");
}
