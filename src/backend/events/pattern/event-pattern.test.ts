import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compilePattern } from "./compile-pattern.ts";
import { eventFields, WantedFields } from "./event-fields.ts";
import { matchesEvent } from "./matches-event.ts";
import { naiveMatch } from "./naive-interpreter.test-support.ts";
import { parseEvent } from "./parse-event.ts";

function isMatch(pattern: object | string, event: object | string): boolean {
  const compiled = compilePattern(typeof pattern === "string" ? pattern : JSON.stringify(pattern));
  const parsed = parseEvent(typeof event === "string" ? event : JSON.stringify(event));
  return matchesEvent(compiled, eventFields(parsed ?? {}, new WantedFields([compiled])));
}

const text = fc.stringMatching(/^[aAbB*\\./]{0,4}$/);
const number = fc.integer({ min: -2, max: 3 });
const address = fc.constantFrom("10.0.0.1", "10.0.0.77", "10.0.1.1", "192.168.0.1");
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null), address);
const name = fc.constantFrom("a", "b", "c", "a.b");
const wildcard = fc.stringMatching(/^[aAb./]{0,2}\*[aAb./]{0,2}(\*[aAb]{0,2})?$/).filter((found) => !found.includes("**"));
const bounds = fc.oneof(
  fc.tuple(fc.constantFrom("=", "<", "<=", ">", ">="), number),
  fc.tuple(fc.constantFrom(">", ">="), number, fc.constantFrom("<", "<="), number).filter(([, low, , high]) => low < high),
);
const filled = text.filter((found) => found !== "");
const one = fc.oneof(
  scalar,
  fc.record({ prefix: text }),
  fc.record({ suffix: text }),
  fc.record({ prefix: fc.record({ "equals-ignore-case": text }) }),
  fc.record({ suffix: fc.record({ "equals-ignore-case": text }) }),
  fc.record({ "equals-ignore-case": text }),
  fc.record({ wildcard }),
  fc.record({ exists: fc.boolean() }),
  fc.record({ numeric: bounds }),
  fc.record({ cidr: fc.constantFrom("10.0.0.0/24", "10.0.0.0/16", "0.0.0.0/0", "10.0.0.64/26") }),
  fc.record({
    "anything-but": fc.oneof(
      text,
      number,
      fc.array(text, { minLength: 1, maxLength: 3 }),
      fc.array(number, { minLength: 1, maxLength: 3 }),
    ),
  }),
  fc.record({
    "anything-but": fc.record({ "equals-ignore-case": fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 2 })) }),
  }),
  fc.record({ "anything-but": fc.record({ prefix: fc.oneof(filled, fc.array(filled, { minLength: 1, maxLength: 2 })) }) }),
  fc.record({ "anything-but": fc.record({ suffix: fc.oneof(filled, fc.array(filled, { minLength: 1, maxLength: 2 })) }) }),
  fc.record({ "anything-but": fc.record({ wildcard: fc.oneof(wildcard, fc.array(wildcard, { minLength: 1, maxLength: 2 })) }) }),
);
const alternatives = fc.array(one, { minLength: 1, maxLength: 3 });
const { pattern } = fc.letrec<{ pattern: Record<string, unknown>; or: Record<string, unknown>; plain: Record<string, unknown> }>(
  (tie) => ({
    pattern: fc.oneof({ maxDepth: 3 }, tie("plain"), tie("or")),
    plain: fc.dictionary(name, fc.oneof({ maxDepth: 3, depthSize: "small" }, alternatives, tie("pattern")), {
      minKeys: 1,
      maxKeys: 3,
    }),
    or: fc
      .tuple(fc.array(tie("pattern"), { minLength: 2, maxLength: 3 }), fc.option(alternatives, { nil: undefined }))
      .map(([list, c]) => ({ ...(c === undefined ? {} : { c }), $or: list })),
  }),
);
const { event } = fc.letrec<{ event: object; value: unknown }>((tie) => ({
  event: fc.dictionary(name, tie("value"), { maxKeys: 3 }),
  value: fc.oneof({ maxDepth: 4, depthSize: "small" }, scalar, fc.array(tie("value"), { maxLength: 3 }), tie("event")),
}));

test("patterns mean what they mean to an interpreter that tries everything", () => {
  let [matched, missed] = [0, 0];
  fc.assert(
    fc.property(pattern, fc.array(event, { minLength: 1, maxLength: 4 }), (asked, events) => {
      for (const told of events) {
        const expected = naiveMatch(asked, told);
        if (expected) matched++;
        else missed++;
        expect(isMatch(asked, told)).toBe(expected);
      }
    }),
    { numRuns: 1000 },
  );
  // Both ends are met often enough to mean something.
  expect(Math.min(matched, missed)).toBeGreaterThan(40);
});

const TRAIL_EVENT = {
  source: "aws.cloudtrail",
  "detail-type": "AWS API Call via CloudTrail",
  account: "123456789012",
  resources: ["arn:aws:s3:::one", "arn:aws:s3:::two"],
  detail: {
    eventSource: "cloudtrail.amazonaws.com",
    eventName: "StopLogging",
    sourceIPAddress: "10.0.0.17",
    errorCode: null,
    readOnly: false,
    count: 17,
    ratio: 0.25,
    bigger: 2 ** 53,
    empty: "",
  },
};

test.each<[string, object | string, boolean]>([
  ["names are compared with their case", { Source: ["aws.cloudtrail"] }, false],
  ["values are compared with their case", { source: ["AWS.CloudTrail"] }, false],
  ["any of the values, all of the fields", { source: ["x", "aws.cloudtrail"], detail: { eventName: ["StopLogging"] } }, true],
  ["one field that is wrong", { source: ["aws.cloudtrail"], detail: { eventName: ["StartLogging"] } }, false],
  ["a list meets a list where they share a value", { resources: ["arn:aws:s3:::two", "arn:aws:s3:::three"] }, true],
  ["null is a value of its own", { detail: { errorCode: [null] } }, true],
  ["null is not the empty string", { detail: { errorCode: [""] } }, false],
  ["the empty string is a value", { detail: { empty: [""] } }, true],
  ["a number's spelling does not count", '{ "detail": { "count": [1.7e1] } }', true],
  ["a number is not its text", { detail: { count: ["17"] } }, false],
  ["numbers that doubles cannot tell apart", '{ "detail": { "bigger": [9007199254740992] } }', false],
  ["fractions to six digits", { detail: { ratio: [{ numeric: ["=", 0.25] }] } }, true],
  ["the seventh digit does not count", '{ "detail": { "ratio": [0.2500000001] } }', true],
  ["the sixth does", '{ "detail": { "ratio": [0.250001] } }', false],
  ["a range, open and closed", { detail: { count: [{ numeric: [">", 16, "<=", 17] }] } }, true],
  ["a range that ends before", { detail: { count: [{ numeric: [">=", 0, "<", 17] }] } }, false],
  ["a field that is there with null exists", { detail: { errorCode: [{ exists: true }] } }, true],
  ["an object does not exist as a leaf", { detail: [{ exists: true }] }, false],
  ["a field that is not there", { detail: { errorMessage: [{ exists: false }] } }, true],
  ["anything but lets null pass", { detail: { errorCode: [{ "anything-but": "AccessDenied" }] } }, true],
  ["anything but needs the field", { detail: { errorMessage: [{ "anything-but": "x" }] } }, false],
  ["anything but a number lets texts pass", { detail: { eventName: [{ "anything-but": [1, 2] }] } }, true],
  ["an address block", { detail: { sourceIPAddress: [{ cidr: "10.0.0.0/24" }] } }, true],
  ["another address block", { detail: { sourceIPAddress: [{ cidr: "10.0.1.0/24" }] } }, false],
  ["a wildcard in the middle", { detail: { eventName: [{ wildcard: "St*Log*ing" }] } }, true],
  ["wildcard pieces do not overlap", { detail: { eventName: [{ wildcard: "StopLogging*Logging" }] } }, false],
  ["dots in a name are levels", { "detail.eventName": ["StopLogging"] }, true],
  ["one of two", { $or: [{ source: ["x"] }, { detail: { count: [{ numeric: ["<", 18] }] } }] }, true],
  ["none of two", { $or: [{ source: ["x"] }, { account: ["x"] }] }, false],
  ["of two tests of one field the last counts", '{ "source": ["x"], "source": ["aws.cloudtrail"] }', true],
])("%s", (_name, asked, expected) => {
  const told = JSON.stringify(TRAIL_EVENT).replace("9007199254740992", "9007199254740993");
  expect(isMatch(asked, told)).toBe(expected);
});

test("values of one array's elements belong together", () => {
  const asked = { detail: { items: { name: ["a"], size: [2] } } };
  expect(
    isMatch(asked, {
      detail: {
        items: [
          { name: "a", size: 1 },
          { name: "b", size: 2 },
        ],
      },
    }),
  ).toBe(false);
  expect(
    isMatch(asked, {
      detail: {
        items: [
          { name: "b", size: 1 },
          { name: "a", size: 2 },
        ],
      },
    }),
  ).toBe(true);
});

test("values of arrays within arrays belong together at each level", () => {
  const group = (...pairs: readonly (readonly [number, number])[]) => ({ b: pairs.map(([c, d]) => ({ c, d })) });
  const asked = { a: { b: { c: [1], d: [3] } } };
  expect(isMatch(asked, { a: [group([1, 9], [2, 3]), group([1, 8], [2, 3])] })).toBe(false);
  expect(isMatch(asked, { a: [group([1, 9], [2, 3]), group([2, 8], [1, 3])] })).toBe(true);
});

test("addresses are the same in all spellings", () => {
  expect(isMatch({ ip: ["2001:db8::1"] }, { ip: "2001:0DB8:0:0:0:0:0:1" })).toBe(true);
  expect(isMatch({ ip: [{ cidr: "2001:db8::/32" }] }, { ip: "2001:db8:ffff::1" })).toBe(true);
  expect(isMatch({ ip: [{ cidr: "2001:db8::/32" }] }, { ip: "2001:db9::1" })).toBe(false);
});

test("what $or multiplies is not looked at as often", () => {
  const or = (name: string) => Array.from({ length: 31 }, (_, at) => ({ [name]: [{ prefix: `${at}` }] }));
  const wildcards = Array.from({ length: 40 }, (_, at) => ({ wildcard: `*q${at}*` }));
  const asked = { long: wildcards, x: { $or: or("a") }, y: { $or: or("b") } };
  const begin = performance.now();
  expect(isMatch(asked, { long: "p".repeat(1_000_000), x: { a: "none" }, y: { b: "none" } })).toBe(false);
  expect(performance.now() - begin).toBeLessThan(2000);
});

test("large arrays take no longer than they have to", () => {
  const items = Array.from({ length: 10_000 }, (_, at) => ({ a: at, b: at + 1, c: [{ d: 1 }, { e: 2 }] }));
  const begin = performance.now();
  expect(isMatch({ items: { a: [{ exists: true }], b: [10_000], c: { d: [1], e: [2] } } }, { items })).toBe(false);
  expect(isMatch({ items: { a: [9_999], b: [10_000], c: { d: [1] } } }, { items })).toBe(true);
  expect(performance.now() - begin).toBeLessThan(10_000);
});
