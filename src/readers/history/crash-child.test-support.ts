/**
 * Reads an endless journal of known content into the history at `argv[2]`, from wherever that stands, and prints each position
 * that it reports as durable. Whoever started it kills it.
 */
import { pino } from "pino";
import { createHistory } from "./create-history.ts";
import { DayFile } from "./day-file.ts";
import { crashEntry, TODAY } from "./history.test-support.ts";
import { WriteBuffer } from "./write-buffer.ts";

/** `moment`: a step after which the process dies at its `count`-th time, as if the power had gone. */
const [, , dir = "", until = "0", moment, count = "1"] = process.argv;

let left = Number(count);
function die(): void {
  if (--left === 0) process.kill(process.pid, "SIGKILL");
}
const { commit, release } = WriteBuffer.prototype;
const { add } = DayFile.prototype;
if (moment === "committed") {
  WriteBuffer.prototype.commit = function committed(...given) {
    commit.apply(this, given);
    die();
  };
} else if (moment === "segment-written") {
  DayFile.prototype.add = function written(...given) {
    add.apply(this, given);
    die();
  };
} else if (moment === "released") {
  WriteBuffer.prototype.release = function released(...given) {
    release.apply(this, given);
    die();
  };
}

const logger = pino({ level: "silent" });
const history = createHistory({ dir, retentionDays: 90, dataEvents: false, clock: { now: () => TODAY * 1000 }, logger });

process.stdout.write(`${history.position()}\n`);
while (history.position() < Number(until)) {
  const first = history.position() + 1;
  const size = Math.min(1 + Math.floor(Math.random() * 400), Number(until) - first + 1);
  await history.read(Array.from({ length: size }, (_, at) => crashEntry(first + at)));
  process.stdout.write(`${history.position()}\n`);
}
await history.close();
