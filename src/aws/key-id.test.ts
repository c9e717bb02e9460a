import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountOfKeyId, keyIdPrefixes, makeKeyId } from "./key-id.ts";

const accountId = fc.integer({ min: 0, max: 999_999_999_999 }).map((number) => String(number).padStart(12, "0"));
const entropy = fc.uint8Array({ minLength: 6, maxLength: 32 });

describe("the account inside a key id", () => {
  test.each([
    ["AKIARZPUZDIKGB2VALC4", "123456789012"],
    ["AIDARZPUZDIKCAEXAMPLE", "123456789012"],
    ["AROARZPUZDIKDAEXAMPLE", "123456789012"],
    ["ASIARZPUZDIKBEXAMPLE", "123456789012"],
    ["ASIAY34FZKBOKMUTVV7A", "609629065308"],
    ["AKIAQAAAAAAAAAAAAAAA", "000000000000"],
    ["AKIAQAAAAAAA7777AAAA", "000000000001"],
  ])("%s is of %s", (id, account) => expect(accountOfKeyId(id)).toBe(account));

  test.each([
    ["an old key, whose first bit is not set", "AKIAIOSFODNN7EXAMPLE"],
    ["an old key with J", "AKIAJDPLRKLG7UEXAMPLE"],
    ["a number beyond twelve digits", "AKIA7777777777777777"],
    ["characters that base32 does not have", "AKIARZPUZDIKGB2VALC1"],
    ["lower case", "akiarzpuzdikgb2valc4"],
    ["too few characters", "AKIARZPUZDIKGB2VALC"],
    ["a prefix that AWS does not have", "ZZZZRZPUZDIKGB2VALC4"],
    ["an emulator's key", "test"],
    ["the key of AWS's signature examples", "AKIDEXAMPLE"],
    ["nothing", ""],
    ["an account's own number", "123456789012"],
    ["a line break at the end", "AKIARZPUZDIKGB2VALC4\n"],
  ])("none in %s", (_, id) => expect(accountOfKeyId(id)).toBeUndefined());

  test("agrees with the arithmetic that is known from LocalStack and moto", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const published = (id: string): string => {
      let number = 0;
      for (const character of id.slice(4, 12)) number = number * 32 + alphabet.indexOf(character);
      return String(2 * (number - 549_755_813_888) + (alphabet.indexOf(id.charAt(12)) >= 16 ? 1 : 0)).padStart(12, "0");
    };
    fc.assert(
      fc.property(accountId, entropy, (account, bytes) => {
        expect(published(makeKeyId("AKIA", account, bytes))).toBe(account);
      }),
    );
  });
});

describe("a new id", () => {
  test("decodes to its account and has the form of its kind", () => {
    fc.assert(
      fc.property(fc.constantFrom(...keyIdPrefixes), accountId, entropy, (prefix, account, bytes) => {
        const id = makeKeyId(prefix, account, bytes);
        expect(accountOfKeyId(id)).toBe(account);
        expect(id).toMatch(/^[A-Z]{4}[A-Z2-7]+$/);
        expect(id.length).toBe(/^(AK|AS|LK|LS)/.test(prefix) ? 20 : 21);
        expect(makeKeyId(prefix, account, bytes)).toBe(id);
      }),
    );
  });

  test("is another one each time unless its entropy is given", () => {
    const ids = new Set(Array.from({ length: 1000 }, () => makeKeyId("AKIA", "123456789012")));
    expect(ids.size).toBe(1000);
  });

  test("uses all the entropy that fits", () => {
    const with_ = (byte: number, at: number) =>
      makeKeyId(
        "AIDA",
        "123456789012",
        Uint8Array.from({ length: 6 }, (_, i) => (i === at ? byte : 0)),
      );
    for (let at = 0; at < 6; at++) expect(with_(0x80, at)).not.toBe(with_(0, at));
  });

  test("is refused for what is no account and for too little entropy", () => {
    expect(() => makeKeyId("AKIA", "12345")).toThrow(RangeError);
    expect(() => makeKeyId("AKIA", "123456789012", new Uint8Array(5))).toThrow(RangeError);
  });

  test("never makes the decoder throw", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void accountOfKeyId(text)));
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."ABQZ27") }), (text) => void accountOfKeyId(`AKIA${text}`)));
  });
});
