import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SuffixSet } from "./suffix-set.ts";

const text = fc.oneof(fc.string({ unit: fc.constantFrom("a", "b", "ü", "😀", "\ud800"), maxLength: 6 }), fc.string());

test("finds what endsWith finds, few or many", () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), text, (suffixes, value) => {
      expect(new SuffixSet(suffixes).ends(value)).toBe(suffixes.some((suffix) => value.endsWith(suffix)));
    }),
  );
});

test("five hundred long values of as many lengths take a few microseconds", () => {
  const set = new SuffixSet(Array.from({ length: 500 }, (_, extra) => `y${"x".repeat(500 + extra)}`));
  const value = "x".repeat(1024);
  const started = performance.now();
  let found = 0;
  for (let time = 0; time < 5_000; time++) if (set.ends(`${time}${value}`)) found++;
  expect(performance.now() - started).toBeLessThan(200);
  expect(found).toBe(0);
});
