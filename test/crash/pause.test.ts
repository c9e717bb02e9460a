import { expect, test } from "vitest";
import { pauses } from "./pause.ts";
import { freshSeed } from "./support/random.ts";

test("the process stands still for seconds: calls are answered afterwards, nothing is lost", { timeout: 120_000 }, async () => {
  const { pauses: count, answered } = await pauses({ seed: freshSeed(), milliseconds: 3000 });
  expect(count).toBe(3);
  expect(answered).toBeGreaterThan(50);
});
