/**
 * To be imported before everything else, by the process and each of its threads: dies at the `CRASH_COUNT`-th time that a
 * thread comes to the moment `CRASH_MOMENT`. With `CRASH_HOW=thread` only that thread dies, else the process, as if the
 * power had gone.
 */
import { isMainThread } from "node:worker_threads";
import { DayFile } from "./day-file.ts";
import { WriteBuffer } from "./write-buffer.ts";

const { CRASH_MOMENT: moment, CRASH_COUNT: count = "1", CRASH_HOW: how } = process.env;

let left = Number(count);
function die(): void {
  if (--left !== 0) return;
  if (how !== "thread") process.kill(process.pid, "SIGKILL");
  else if (!isMainThread) process.exit(7);
}

const { commit, release } = WriteBuffer.prototype;
const { add } = DayFile.prototype;
if (moment === "committed") {
  WriteBuffer.prototype.commit = function* committed(...given) {
    yield* commit.apply(this, given);
    die();
  };
} else if (moment === "in-a-segment") {
  DayFile.prototype.add = function* half(...given) {
    const steps = add.apply(this, given);
    for (let step = steps.next(), at = 0; ; step = steps.next(), at++) {
      if (step.done === true) return step.value;
      // In the middle of the transaction.
      if (at === 80) die();
      yield;
    }
  };
} else if (moment === "segment-written") {
  DayFile.prototype.add = function* written(...given) {
    const segment = yield* add.apply(this, given);
    die();
    return segment;
  };
} else if (moment === "released") {
  WriteBuffer.prototype.release = function released(...given) {
    release.apply(this, given);
    die();
  };
}
