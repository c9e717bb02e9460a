import { expect, test } from "vitest";
import { EARLIER_DATA, earlierVersion } from "./earlier-version.ts";
import { freshSeed } from "./support/random.ts";

test("this version starts on an earlier version's data and has all of it", { timeout: 60_000 }, async () => {
  expect((await earlierVersion(EARLIER_DATA, freshSeed())).events).toBeGreaterThan(25);
});
