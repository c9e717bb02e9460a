import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cpuTime } from "../../aws/codec/cpu-time.contract.ts";
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
  let found = 0;
  const milliseconds = cpuTime(() => {
    for (let time = 0; time < 5_000; time++) if (set.ends(`${time}${value}`)) found++;
  });
  expect(milliseconds).toBeLessThan(1000);
  expect(found).toBe(0);
});
