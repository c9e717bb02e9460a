import * as fc from "fast-check";
import { expect, test } from "vitest";
import { wildcardComplexity } from "./wildcard-complexity.ts";

/** All texts over the alphabet, up to that length. */
function texts(alphabet: string, longest: number): readonly string[] {
  return longest === 0 ? [""] : ["", ...texts(alphabet, longest - 1).flatMap((one) => [...alphabet].map((next) => next + one))];
}

/** The pattern's beginnings, each as an expression. */
function beginnings(pattern: string): readonly RegExp[] {
  return [...pattern].map(
    (_, at) => new RegExp(`^${[...pattern.slice(0, at + 1)].map((one) => (one === "*" ? ".*" : one)).join("")}$`),
  );
}

test("the complexity is the number of beginnings that one text can match", () => {
  const all = texts("abx", 7);
  const pattern = fc.stringMatching(/^[ab]?\*[ab]{0,2}(\*[ab])?$/).filter((one) => !one.includes("**"));
  fc.assert(
    fc.property(pattern, (wildcard) => {
      const expressions = beginnings(wildcard);
      const most = Math.max(...all.map((text) => expressions.filter((expression) => expression.test(text)).length));
      expect(wildcardComplexity(wildcard.split("*"), 100)).toBe(most);
    }),
    { numRuns: 60 },
  );
});

test("what has no wildcard costs nothing, and what costs too much is not worked out", () => {
  expect(wildcardComplexity(["abc"], 9)).toBe(0);
  expect(wildcardComplexity(["", "a", ""], 9)).toBe(3);
  const begin = performance.now();
  expect(wildcardComplexity(["", ..."abcdefghij".repeat(30)], 9)).toBe(10);
  expect(wildcardComplexity(["", "ab".repeat(2000)], 1_000_000)).toBeGreaterThan(9);
  expect(performance.now() - begin).toBeLessThan(10_000);
});
