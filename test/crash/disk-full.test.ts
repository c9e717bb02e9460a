import { expect, test } from "vitest";
import { canLimitFileSize } from "../support/file-size-limit.ts";
import { deliveryFull } from "./delivery-full.ts";
import { diskFull } from "./disk-full.ts";
import { freshSeed } from "./support/random.ts";

test.each(["required", "best-effort"] as const)("the disk fills and empties, %s", { timeout: 120_000 }, async (recording) => {
  const { recordedBefore, refused, unrecorded } = await diskFull({ seed: freshSeed(), recording });
  expect(recordedBefore).toBeGreaterThan(5);
  expect(recording === "required" ? refused : unrecorded).toBe(5);
});

test.skipIf(!canLimitFileSize)("files cannot grow for a while", { timeout: 120_000 }, async () => {
  const { way, refused } = await diskFull({ seed: freshSeed(), recording: "required", withoutMount: true });
  expect([way, refused]).toEqual(["limit on file sizes", 5]);
});

test("the disk fills and empties while a trail delivers: each event in one file", { timeout: 240_000 }, async () => {
  const { events, refused } = await deliveryFull({ seed: freshSeed() });
  expect(events).toBeGreaterThan(60);
  expect(refused).toBeGreaterThan(0);
});
