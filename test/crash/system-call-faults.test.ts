import { expect, test } from "vitest";
import { freshSeed } from "./support/random.ts";
import { canTrace } from "./support/system-calls.ts";
import { systemCallFaults } from "./system-call-faults.ts";

test.skipIf(!canTrace())(
  "a system call on the data directory fails: nothing is lost or hangs",
  { timeout: 300_000 },
  async () => {
    const figures = await systemCallFaults({ seed: freshSeed(), sample: 24 });
    expect(figures.possible).toBeGreaterThan(200);
    expect(figures.tried).toBe(24);
    expect(figures.notReached).toBeLessThan(12);
  },
);
