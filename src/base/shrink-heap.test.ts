import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { shrinkHeap } from "./shrink-heap.ts";

test("gives back what garbage took, and leaves no collector for others", () => {
  let garbage = Array.from({ length: 500_000 }, (_, index) => ({ index }));
  const before = getHeapStatistics().total_physical_size;
  expect(garbage).toHaveLength(500_000);
  garbage = [];

  shrinkHeap();

  expect(getHeapStatistics().total_physical_size).toBeLessThan(before - 8 * 1024 * 1024);
  expect("gc" in globalThis).toBe(false);
});
