import { describe, expect, test } from "vitest";
import { clockJumps, momentAhead } from "./clock-jumps.ts";
import { deliveryClock } from "./delivery-clock.ts";
import { fakeTimeLibrary } from "./support/fake-clock.ts";
import { freshSeed } from "./support/random.ts";

const library = fakeTimeLibrary() ?? "";

describe.skipIf(library === "")("the clock jumps", () => {
  test("by hours, months and a year, both ways, under load and across restarts", { timeout: 120_000 }, async () => {
    const { jumps, events } = await clockJumps({ seed: freshSeed(), library });
    expect(jumps).toBe(10);
    expect(events).toBeGreaterThan(50);
  });

  test("by hours and a day while a trail delivers: keys sort upward, digests leave no hole", { timeout: 180_000 }, async () => {
    const { files, events, digests } = await deliveryClock({ seed: freshSeed(), library });
    expect(files).toBeGreaterThan(5);
    expect(events).toBeGreaterThan(15);
    expect(digests).toBeGreaterThan(1);
  });

  test("for a moment, past the retention: no event goes", { timeout: 120_000 }, async () => {
    await momentAhead({ seed: freshSeed(), library });
  });
});
