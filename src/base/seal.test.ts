import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Seal, SealBroken } from "./seal.ts";

const secret = randomBytes(32);
const seal = new Seal(secret, "test");

test("what is closed opens in its place, and is never the same twice", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), (plain, place) => {
      const sealed = seal.close(plain, place);
      expect(new Uint8Array(seal.open(sealed, place))).toEqual(plain);
      expect(Buffer.compare(sealed, seal.close(plain, place))).not.toBe(0);
    }),
  );
});

test("any changed byte is found", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, at, difference) => {
      const sealed = seal.close(plain, "here");
      const place = at % sealed.length;
      sealed[place] = sealed[place]! ^ difference;
      expect(() => seal.open(sealed, "here")).toThrow(SealBroken);
    }),
  );
});

test("another place, purpose or secret, and what is too short, are found", () => {
  const sealed = seal.close(Buffer.from("secret"), "here");
  expect(() => seal.open(sealed, "there")).toThrow(SealBroken);
  expect(() => new Seal(secret, "other").open(sealed, "here")).toThrow(SealBroken);
  expect(() => new Seal(randomBytes(32), "test").open(sealed, "here")).toThrow(SealBroken);
  for (let length = 0; length < sealed.length; length++)
    expect(() => seal.open(sealed.subarray(0, length), "here")).toThrow(SealBroken);
});
