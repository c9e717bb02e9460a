import { setImmediate } from "node:timers/promises";
import { SLICE_MILLISECONDS } from "./limits.ts";

/** Takes the steps one after the other, and lets others have the thread each time `SLICE_MILLISECONDS` have passed. */
export async function inSlices<T>(steps: Generator<void, T>): Promise<T> {
  for (let until = performance.now() + SLICE_MILLISECONDS; ;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < until) continue;
    await setImmediate();
    until = performance.now() + SLICE_MILLISECONDS;
  }
}
