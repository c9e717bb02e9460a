import { expect, test } from "vitest";
import { deliveryFaults } from "./delivery-faults.ts";
import { freshSeed } from "./support/random.ts";
import { canTrace } from "./support/system-calls.ts";

test.skipIf(!canTrace())(
  "a system call on delivery's files fails: each event in one file all the same, and calls never notice",
  { timeout: 400_000 },
  async () => {
    const figures = await deliveryFaults({ seed: freshSeed(), sample: 14 });
    expect(figures.possible).toBeGreaterThan(200);
    expect(figures.tried).toBe(14);
    expect(figures.notReached).toBeLessThan(14);
  },
);
