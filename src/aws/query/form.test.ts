import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeBudget } from "../codec/decode-budget.ts";
import { DecodeError } from "../codec/decode-failure.ts";
import { parseForm } from "./form.ts";

describe("parseForm", () => {
  it("keeps the order, flags and empty values", () => {
    expect(parseForm("b=1&a&c=&b=2=3&&")).toEqual([
      ["b", "1"],
      ["a", ""],
      ["c", ""],
      ["b", "2=3"],
    ]);
    expect(parseForm(new Uint8Array())).toEqual([]);
  });

  it("decodes once, and leaves alone what is no escape", () => {
    expect(parseForm("a+b=%2B%2520+%e6%97%A5")).toEqual([["a b", "+%20 日"]]);
    expect(parseForm("a=100%&b=%zz%41&c=%ff%41")).toEqual([
      ["a", "100%"],
      ["b", "%zzA"],
      ["c", "\uFFFDA"],
    ]);
  });

  it("agrees with the platform on what it writes", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 }).map((value) => value.toWellFormed());
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        expect(parseForm(new TextEncoder().encode(new URLSearchParams(pairs).toString()))).toEqual(pairs);
      }),
    );
  });

  it("refuses too many parameters", () => {
    expect(() => parseForm("a&".repeat(101), new DecodeBudget(100))).toThrow(DecodeError);
  });
});
