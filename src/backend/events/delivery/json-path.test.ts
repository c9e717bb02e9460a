import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compactJson } from "../compact-json.ts";
import { JsonText, parseJsonPath } from "./json-path.ts";

const JSON_TEXT = '{"a":{"b":[1,{"c":"x,]}"},[2,3]],"b":9},"a":{"b":[10000000000000000001,{"c":"\\"y\\""}],"-d":null},"":7}';

test.each<[string, string | undefined]>([
  ["$", JSON_TEXT],
  ["$.a.b", '[10000000000000000001,{"c":"\\"y\\""}]'],
  ["$.a.b[0]", "10000000000000000001"],
  ["$.a.b[1].c", '"\\"y\\""'],
  ["$['a']['b'][1]", '{"c":"\\"y\\""}'],
  ["$.a.-d", "null"],
  ["$.a.b[*].c", '["\\"y\\""]'],
  ["$.a.b[2]", undefined],
  ["$.a.b.c", undefined],
  ["$.x", undefined],
  ["$.a.x[*]", undefined],
])("%s", (path, expected) => {
  const steps = parseJsonPath(path);
  expect(steps && new JsonText(JSON_TEXT).select(steps)).toBe(expected);
});

test.each(["", "a.b", "$a", "$..a", "$.a[-1]", "$.a[?(@.b)]", "$.a[", "$.", "$.a[1:2]"])("%s is no path", (path) => {
  expect(parseJsonPath(path)).toBeUndefined();
});

test("white space goes, everything else stays, and paths lead to what a parser finds", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, " ", "\t", "\n\r"), (value, space) => {
      const compact = compactJson(JSON.stringify(value, null, space)) ?? "";
      expect(compact).toBe(JSON.stringify(value));
      for (const [name, member] of Object.entries(value)) {
        const text = new JsonText(compact);
        const found = text.select([name]);
        expect(found).toBe(JSON.stringify(member));
        if (Array.isArray(member)) {
          expect(member.map((_, at) => text.select([name, at]))).toEqual(member.map((one) => JSON.stringify(one)));
        }
      }
    }),
  );
});

test("what is nested too deep is not taken", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  expect(compactJson(nested(1000))).toBe(nested(1000));
  expect(compactJson(nested(1001))).toBeUndefined();
});

test("a hundred paths into what is nested deep are followed in no time", () => {
  const depth = 120;
  const text = new JsonText('{"a":'.repeat(depth) + JSON.stringify("x".repeat(900_000)) + "}".repeat(depth));
  const steps = parseJsonPath(`$${".a".repeat(depth - 1)}.b`) ?? [];
  const started = performance.now();
  for (let path = 0; path < 100; path++) expect(text.select(steps)).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(5_000);
});
