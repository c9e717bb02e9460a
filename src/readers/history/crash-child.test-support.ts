/**
 * Reads an endless journal of known content into the history at `argv[2]`, up to position `argv[3]`, from wherever that
 * stands, and prints each position that it reports as durable. Whoever started it kills it. `argv[4]`: `threaded` or not.
 */
import { setTimeout } from "node:timers/promises";
import { pino } from "pino";
import { createHistory } from "./create-history.ts";
import { HistoryThread } from "./history-thread.ts";
import { crashEntry, TODAY } from "./history.test-support.ts";
import { HistoryUnavailable } from "./history.ts";

const [, , dir = "", until = "0", threaded] = process.argv;

const options = {
  dir,
  retentionDays: 90,
  dataEvents: false,
  clock: { now: () => TODAY * 1000 },
  logger: pino({ level: "silent" }),
  ended: () => process.stdout.write("ended\n"),
};
const history = threaded === "threaded" ? new HistoryThread(options) : createHistory(options);
if (history instanceof HistoryThread) await history.open(Number.MAX_SAFE_INTEGER);

process.stdout.write(`${history.position()}\n`);
while (history.position() < Number(until)) {
  const first = history.position() + 1;
  const size = Math.min(1 + Math.floor(Math.random() * 400), Number(until) - first + 1);
  try {
    await history.read(Array.from({ length: size }, (_, at) => crashEntry(first + at)));
  } catch (error) {
    if (!(error instanceof HistoryUnavailable)) throw error;
    await setTimeout(10);
    // The thread may have stored the batch before it ended.
    if (history.position() >= first) process.stdout.write(`${history.position()}\n`);
    continue;
  }
  if (history.position() !== first + size - 1) throw new Error(`at ${history.position()}, not ${first + size - 1}`);
  process.stdout.write(`${history.position()}\n`);
}
await history.close();
