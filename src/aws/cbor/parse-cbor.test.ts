import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeBudget, MAX_DEPTH } from "../codec/decode-budget.ts";
import { DecodeError } from "../codec/decode-failure.ts";
import { encodeCborTexts } from "./encode-cbor-texts.ts";
import { parseCbor } from "./parse-cbor.ts";

function parse(hex: string): unknown {
  return parseCbor(new Uint8Array(Buffer.from(hex, "hex")));
}

/** Examples of RFC 8949, Appendix A. */
const EXAMPLES: readonly (readonly [hex: string, value: unknown])[] = [
  ["00", 0],
  ["17", 23],
  ["1818", 24],
  ["1903e8", 1000],
  ["1a000f4240", 1_000_000],
  ["1b000000e8d4a51000", 1_000_000_000_000],
  ["1bffffffffffffffff", 18_446_744_073_709_551_615n],
  ["c249010000000000000000", 18_446_744_073_709_551_616n],
  ["3bffffffffffffffff", -18_446_744_073_709_551_616n],
  ["c349010000000000000000", -18_446_744_073_709_551_617n],
  ["20", -1],
  ["3903e7", -1000],
  ["f90000", 0],
  ["f98000", -0],
  ["f93c00", 1],
  ["fb3ff199999999999a", 1.1],
  ["f93e00", 1.5],
  ["f97bff", 65_504],
  ["fa47c35000", 100_000],
  ["fa7f7fffff", 3.402_823_466_385_288_6e38],
  ["fb7e37e43c8800759c", 1e300],
  ["f90001", 5.960_464_477_539_063e-8],
  ["f9c400", -4],
  ["f97c00", Infinity],
  ["f97e00", Number.NaN],
  ["f9fc00", -Infinity],
  ["f4", false],
  ["f5", true],
  ["f6", null],
  ["f7", null],
  ["c074323031332d30332d32315432303a30343a30305a", "2013-03-21T20:04:00Z"],
  ["c11a514b67b0", new Date("2013-03-21T20:04:00Z")],
  ["c1fb41d452d9ec200000", new Date("2013-03-21T20:04:00.500Z")],
  ["c48221196ab3", "27315e-2"],
  ["40", new Uint8Array()],
  ["4401020304", Uint8Array.of(1, 2, 3, 4)],
  ["60", ""],
  ["6449455446", "IETF"],
  ["62225c", '"\\'],
  ["64f0908591", "𐅑"],
  ["80", []],
  ["8301820203820405", [1, [2, 3], [4, 5]]],
  ["a0", {}],
  ["a201020304", { 1: 2, 3: 4 }],
  ["a26161016162820203", { a: 1, b: [2, 3] }],
  ["5f42010243030405ff", Uint8Array.of(1, 2, 3, 4, 5)],
  ["7f657374726561646d696e67ff", "streaming"],
  ["9fff", []],
  ["9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
  ["83018202039f0405ff", [1, [2, 3], [4, 5]]],
  ["bf61610161629f0203ffff", { a: 1, b: [2, 3] }],
  ["bf6346756ef563416d7421ff", { Fun: true, Amt: -2 }],
];

describe("parseCbor", () => {
  it.each(EXAMPLES)("reads %s", (hex, value) => {
    expect(parse(hex)).toEqual(value);
  });

  it("lets maps inherit nothing", () => {
    const map = parse("a1695f5f70726f746f5f5fa1617801");
    expect("toString" in (map as object)).toBe(false);
    expect(Object.keys(map as object)).toEqual(["__proto__"]);
  });

  it.each([
    ["", "nothing"],
    ["18", "an argument cut off"],
    ["1c", "a reserved length"],
    ["f800", "an unknown simple value"],
    ["ff", "a break at the top"],
    ["81ff", "a break in a definite list"],
    ["a1ff", "a break in a definite map"],
    ["bf01ff", "a break in place of a value"],
    ["1f", "an integer of indefinite length"],
    ["df00", "a tag of indefinite length"],
    ["6261", "a text cut off"],
    ["5bffffffffffffffff", "a length beyond everything"],
    ["9bffffffffffffffff", "a list longer than everything"],
    ["5f6161ff", "a chunk of another type"],
    ["5f5f4101ffff", "chunks in chunks"],
    ["a18001", "a list as key"],
    ["0000", "bytes left over"],
  ])("refuses %s: %s", (hex) => {
    expect(() => parse(hex)).toThrow(DecodeError);
  });

  it("refuses what is too deep or too much, and makes no room for what is only announced", () => {
    expect(parse("81".repeat(MAX_DEPTH) + "00")).toBeDefined();
    expect(() => parse("81".repeat(MAX_DEPTH + 1) + "00")).toThrow(DecodeError);
    expect(() => parse("c1".repeat(5_000) + "00")).toThrow(DecodeError);
    expect(() => parse("9affffffff00")).toThrow(DecodeError);
    expect(() => parse("5affffffff00")).toThrow(DecodeError);
    expect(() => parseCbor(Uint8Array.from([0x9f, ...Array<number>(200).fill(0x00), 0xff]), new DecodeBudget(100))).toThrow(
      DecodeError,
    );
  });

  it("reads what encodeCborTexts writes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        const written = encodeCborTexts([
          ["a", text],
          ["b", text + text],
        ]);
        expect(parseCbor(written)).toEqual({ a: text.toWellFormed(), b: (text + text).toWellFormed() });
      }),
    );
    const long = "x".repeat(70_000);
    expect(parseCbor(encodeCborTexts([["a", long]]))).toEqual({ a: long });
  });
});
