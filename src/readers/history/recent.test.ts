import { expect, test } from "vitest";
import { Recent } from "./recent.ts";

test("lets go of what was used longest ago when it becomes too heavy", () => {
  const recent = new Recent<string, number>(10);
  recent.set("a", 1, 4);
  recent.set("b", 2, 4);
  expect(recent.get("a")).toBe(1);
  recent.set("c", 3, 4);
  expect([recent.get("a"), recent.get("b"), recent.get("c")]).toEqual([1, undefined, 3]);
  recent.set("a", 9, 1);
  recent.set("d", 4, 5);
  expect([recent.get("a"), recent.get("c"), recent.get("d")]).toEqual([9, 3, 4]);
  recent.set("heavy", 5, 100);
  expect([recent.get("a"), recent.get("heavy")]).toEqual([undefined, 5]);
});
