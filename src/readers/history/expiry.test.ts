import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Expiry } from "./expiry.ts";

const HOUR = 3_600_000;

test("only a day that each look of the last hour saw expired goes, the oldest of them, and one an hour at most", () => {
  const step = fc.record({
    minutes: fc.integer({ min: 0, max: 90 }),
    oldest: fc.integer({ min: 0, max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const expiry = new Expiry();
      let days = [0, 1, 2, 3, 4, 5];
      let [elapsed, gone] = [0, -Infinity];
      const looks: { readonly elapsed: number; readonly oldest: number }[] = [];
      for (const { minutes, oldest } of steps) {
        elapsed += minutes * 60_000;
        looks.push({ elapsed, oldest });
        const may = days.filter((day) => {
          const right = looks.findLastIndex((look) => day >= look.oldest);
          const row = looks.slice(right + 1);
          return row.length > 1 && elapsed - row[0]!.elapsed >= HOUR;
        });
        const expected = elapsed - gone < HOUR || may.length === 0 ? undefined : Math.min(...may);
        expect(expiry.look(days, oldest, elapsed)).toBe(expected);
        if (expected === undefined) continue;
        gone = elapsed;
        days = days.filter((day) => day !== expected);
      }
    }),
    { numRuns: 500 },
  );
});
