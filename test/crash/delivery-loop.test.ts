import { expect, test } from "vitest";
import { deliveryLoop } from "./delivery-loop.ts";
import { freshSeed } from "./support/random.ts";

test(
  "kill -9 while a trail delivers to a bucket that fails: each event in one file, each file in one digest, the chain whole",
  { timeout: 480_000 },
  async () => {
    const figures = await deliveryLoop({ rounds: 8, seed: freshSeed() });
    // Else it proved nothing.
    expect(figures.events).toBeGreaterThan(50);
    expect(figures.files).toBeGreaterThan(2);
    expect(figures.digests).toBeGreaterThan(1);
    expect(Object.keys(figures.failures).length).toBeGreaterThan(0);
  },
);
