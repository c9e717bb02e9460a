import * as fc from "fast-check";
import { expect, test } from "vitest";
import { remembered } from "./remembered.ts";

test("answers as the function does, and remembers a bounded number of answers", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 }), (asked) => {
      const made: string[] = [];
      const limit = 8;
      const answer = remembered(
        (text) => {
          made.push(text);
          return Number(text) % 3 === 0 ? undefined : { text };
        },
        { limit },
      );
      for (const [at, n] of asked.entries()) {
        expect(answer(String(n))).toEqual(n % 3 === 0 ? undefined : { text: String(n) });
        const before = made.length;
        answer(String(n));
        expect(made.length).toBe(before);
        // What was asked for among the last `limit` different texts is still known.
        const recent = new Set(
          asked
            .slice(0, at + 1)
            .toReversed()
            .slice(0, limit)
            .map(String),
        );
        const again = made.length;
        for (const text of recent) answer(text);
        expect(made.length).toBe(again);
      }
    }),
  );
});

test("does not keep what is too long to keep", () => {
  let made = 0;
  const answer = remembered(() => (made += 1), { longest: 4 });
  expect([answer("12345"), answer("12345"), answer("1234"), answer("1234")]).toEqual([1, 2, 3, 3]);
});
