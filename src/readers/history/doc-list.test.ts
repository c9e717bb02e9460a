import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDocList, encodeDocList, intersect, union } from "./doc-list.ts";
import { SEGMENT_EVENTS } from "./limits.ts";

const lists = fc
  .oneof(
    fc.uniqueArray(fc.nat(SEGMENT_EVENTS - 1), { minLength: 1, maxLength: 5 }),
    fc.subarray(
      Array.from({ length: SEGMENT_EVENTS }, (_, at) => at),
      { minLength: 1 },
    ),
  )
  .map((list) => list.toSorted((a, b) => a - b));

test("every list comes back, and takes no more than a bitmap", () => {
  fc.assert(
    fc.property(lists, (list) => {
      const stored = encodeDocList(list);
      expect([...decodeDocList(stored)]).toEqual(list);
      expect(typeof stored === "number" ? 0 : stored.length).toBeLessThanOrEqual(SEGMENT_EVENTS / 8);
    }),
  );
});

test("intersection and union are those of sets", () => {
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const [left, right] = [Uint16Array.from(a), Uint16Array.from(b)];
      expect(new Set(intersect(left, right))).toEqual(new Set(a).intersection(new Set(b)));
      expect([...union(left, right)]).toEqual([...new Set([...a, ...b])].toSorted((x, y) => x - y));
    }),
  );
});

test("broken bytes are told from lists", () => {
  expect(() => decodeDocList(Uint8Array.of(0x80))).toThrow(RangeError);
  expect(() => decodeDocList(Uint8Array.of(0xff, 0xff, 0x7f))).toThrow(RangeError);
});
