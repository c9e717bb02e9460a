import { expect, test } from "vitest";
import { killLoop } from "./kill-loop.ts";
import { freshSeed } from "./support/random.ts";

test.each([
  [1, 14],
  [2, 10],
])(
  "kill -9 at random moments, %i capturing: every answer and every change has its event, once",
  { timeout: 180_000 },
  async (processes, rounds) => {
    const figures = await killLoop({ rounds, processes, seed: freshSeed() });
    expect(figures.rounds).toBe(rounds);
    // Else it proved nothing.
    expect(figures.answered).toBeGreaterThan(30);
    expect(figures.changingReceived).toBeGreaterThan(30);
    expect(figures.outcomeUnknown).toBeGreaterThan(0);
  },
);
