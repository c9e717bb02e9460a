/**
 * Event history at size: how fast events are taken in through the reader's thread, what that costs the thread that answers
 * calls, how much room they need, and how long a page of 50 takes, by attribute.
 *
 *     node bench/history.ts [--events 300000] [--days 10] [--peer sqlite] [--keep DIR | --open DIR]
 *
 * `--peer sqlite` puts the same events into one SQLite table with an index for each attribute and asks it the same.
 * `--keep DIR` leaves the store there, `--open DIR` asks one that is there without making it anew. Ten million events take
 * about ten minutes and 3 GB.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { EventIndex } from "../src/event/built-event.ts";
import { measurePages } from "./history/measure-pages.ts";
import { SqlitePeer } from "./history/sqlite-peer.ts";
import { openStore } from "./history/store.ts";
import { takeIn } from "./history/take-in.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "300000" },
    days: { type: "string", default: "10" },
    peer: { type: "string" },
    keep: { type: "string" },
    open: { type: "string" },
  },
});
const dir = values.open ?? values.keep ?? mkdtempSync(join(tmpdir(), "opentrail-bench-history-"));
const notes = join(dir, "bench.json");

/** What a later run has to know of a store: the end of its time, and some of its events. */
interface Notes {
  readonly now: number;
  readonly days: number;
  readonly sample: readonly EventIndex[];
}

try {
  const total = Number(values.events);
  const peer = values.peer === "sqlite" ? new SqlitePeer(join(dir, "peer.db")) : undefined;
  let known: Notes;
  if (values.open !== undefined && existsSync(notes)) known = JSON.parse(readFileSync(notes, "utf8")) as Notes;
  else {
    const [now, days] = [Date.now(), Number(values.days)];
    known = { now, days, sample: await takeIn({ dir, now, days, total, peer }) };
    writeFileSync(notes, JSON.stringify(known));
  }
  const began = performance.now();
  const history = await openStore(dir, known.now);
  console.log(`\nopened again in ${(performance.now() - began).toFixed(0)} ms`);
  const span = { from: known.now / 1000 - known.days * 86_400, to: known.now / 1000 };
  await measurePages("OpenTrail", (query) => history.lookup(query), known.sample, span);
  await history.close();
  if (peer !== undefined) await measurePages("SQLite", async (query) => peer.lookup(query), known.sample, span);
  peer?.close();
} finally {
  if (values.keep === undefined && values.open === undefined) rmSync(dir, { recursive: true });
}
