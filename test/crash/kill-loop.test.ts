import { expect, test } from "vitest";
import { killLoop, type KillLoopFigures } from "./kill-loop.ts";
import { freshSeed } from "./support/random.ts";

test.each([
  [1, 14],
  [2, 10],
])(
  "kill -9 at random moments, %i capturing: every answer and every change has its event, once",
  { timeout: 480_000 },
  async (processes, rounds) => {
    // Else it proved nothing.
    const enough = (figures: KillLoopFigures): boolean =>
      figures.answered > 30 && figures.changingReceived > 30 && figures.outcomeUnknown > 0;
    const figures = await killLoop({ rounds, processes, enough, seed: freshSeed() });
    expect(figures.rounds).toBeGreaterThanOrEqual(rounds);
  },
);
