import * as fc from "fast-check";
import { expect, test } from "vitest";
import { VarintReader, VarintWriter } from "./varint.ts";

test("numbers of any size come back in order", () => {
  const half = Math.floor(Number.MAX_SAFE_INTEGER / 2);
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), fc.array(fc.integer({ min: -half, max: half })), (plain, signed) => {
      const writer = new VarintWriter();
      for (const value of plain) writer.write(value);
      for (const value of signed) writer.writeSigned(value);
      const bytes = writer.finish();
      const reader = new VarintReader(bytes);
      expect(plain.map(() => reader.read())).toEqual(plain);
      expect(signed.map(() => reader.readSigned())).toEqual(signed.map((value) => value + 0));
      expect(reader.atEnd).toBe(true);
      expect(() => reader.read()).toThrow(RangeError);
    }),
  );
});

test("what never ends is refused", () => {
  expect(() => new VarintReader(new Uint8Array(20).fill(0x80)).read()).toThrow(RangeError);
});
