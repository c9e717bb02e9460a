import { expect, test } from "vitest";
import { damage } from "./damage.ts";
import { freshSeed } from "./support/random.ts";

test(
  "cuts and flipped bits: what comes back is what was acknowledged, but for what was reported",
  { timeout: 300_000 },
  async () => {
    const { cuts, flips, sound, told, refused, verified, meaningless } = await damage({ seed: freshSeed(), cuts: 8, flips: 16 });
    expect([cuts, flips]).toEqual([8, 16]);
    expect(sound + told + refused).toBe(24);
    expect(verified + meaningless).toBe(16);
    expect(verified).toBeGreaterThan(0);
  },
);
