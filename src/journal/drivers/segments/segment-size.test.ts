import { expect, test } from "vitest";
import { isLackOfSpace, segmentSizes } from "./segment-size.ts";

const [KIB, MIB] = [1024, 1024 * 1024];

test("a segment takes a quarter of what is free at most, and something is tried whatever is free", () => {
  expect(segmentSizes(16 * MIB, Infinity)).toEqual([16 * MIB, 4 * MIB, MIB, 256 * KIB, 64 * KIB]);
  expect(segmentSizes(16 * MIB, 64 * MIB)[0]).toBe(16 * MIB);
  expect(segmentSizes(16 * MIB, 64 * MIB - 1)[0]).toBe(4 * MIB);
  expect(segmentSizes(16 * MIB, 2 * MIB)).toEqual([256 * KIB, 64 * KIB]);
  expect(segmentSizes(16 * MIB, 0)).toEqual([64 * KIB]);
  expect(segmentSizes(16 * KIB, 0)).toEqual([16 * KIB]);
});

test("only a lack of space makes a smaller file worth trying", () => {
  expect(["ENOSPC", "EDQUOT", "EFBIG", "EIO"].map((code) => isLackOfSpace(Object.assign(new Error(code), { code })))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
