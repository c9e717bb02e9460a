import { expect, test } from "vitest";
import { EARLIER_DATA, earlierTrail, earlierVersion } from "./earlier-version.ts";
import { freshSeed } from "./support/random.ts";

test("this version starts on an earlier version's data and has all of it", { timeout: 60_000 }, async () => {
  expect((await earlierVersion(EARLIER_DATA, freshSeed())).events).toBeGreaterThan(25);
});

test("a trail of an earlier version delivers when it is told to log", { timeout: 120_000 }, async () => {
  expect((await earlierTrail(EARLIER_DATA, freshSeed())).events).toBeGreaterThan(5);
});
