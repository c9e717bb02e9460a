import { expect, test } from "vitest";
import { pauses } from "./pause.ts";
import { freshSeed } from "./support/random.ts";

test("the process stands still for seconds: calls are answered afterwards, nothing is lost", { timeout: 120_000 }, async () => {
  const { pauses: count, answered } = await pauses({ seed: freshSeed(), milliseconds: 3000 });
  expect(count).toBe(3);
  // Each of eight clients has one at each pause, but for those whose answer breaks off; on a busy machine it is not many more.
  expect(answered).toBeGreaterThan(10);
});
