import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compilePattern } from "./compile-pattern.ts";
import { PatternError } from "./pattern-error.ts";

function errorOf(pattern: string): string {
  try {
    compilePattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
  return "";
}

const at = (pattern: string, message: string, column: number): string =>
  `${message}\n at [Source: (String)"${pattern}"; line: 1, column: ${column}]`;

test.each<[pattern: string, message: string, column: number]>([
  ['{"n": 42}', '"n" must be an object or an array', 9],
  ['{"word": "value"}', '"word" must be an object or an array', 11],
  ['{"list": []}', "Empty arrays are not allowed", 12],
  ["{}", "Empty objects are not allowed", 3],
  ['{"a": {}}', "Empty objects are not allowed", 9],
  ['["a"]', "Filter is not an object", 2],
  ['{"a": [{"NUMERIC": ["=", 5]}]}', "Unrecognized match type NUMERIC", 21],
  ['{"a": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", 23],
  ['{"a": [{"exists": "true"}]}', "exists match pattern must be either true or false.", 20],
  ['{"a": [{"numeric": 5}]}', "Value of numeric must be an array.", 21],
  ['{"a": [{"numeric": [">", 0, ">", 0]}]}', "Bad numeric range operator: >", 32],
  ['{"a": [{"numeric": [">", 0, "<"]}]}', "Value of < must be numeric", 33],
  ['{"a": [{"numeric": ["<", 0, ">", 5]}]}', "Too many elements in numeric expression", 30],
  ['{"a": [{"numeric": ["!=", 5]}]}', "Unrecognized numeric range operator: !=", 28],
  ['{"a": [{"numeric": [5]}]}', "Invalid member in numeric match: 5", 22],
  ['{"a": [{"numeric": ["=", 6000000000]}]}', "Value must be between -5.0E9 and 5.0E9, inclusive", 36],
  ['{"a": [{"equals-ignore-case": ["x"]}]}', "equals-ignore-case match pattern must be a string", 32],
  ['{"a": [{"prefix": 123}]}', "prefix match pattern must be a string", 22],
  ['{"a": [{"suffix": [".x"]}]}', "suffix match pattern must be a string", 20],
  ['{"a": [{"prefix": {"suffix": "x"}}]}', "Unsupported prefix pattern: suffix", 31],
  ['{"a": [{"wildcard": 123}]}', "wildcard match pattern must be a string", 24],
  ['{"a": [{"wildcard": "x**"}]}', "Consecutive wildcard characters at pos 2", 26],
  ['{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed in match expression", 35],
  ['{"a": [{"anything-but": null}]}', "Value of anything-but must be an array or single string/number value.", 29],
  ['{"a": [{"anything-but": {"numeric": [1]}}]}', "Unsupported anything-but pattern: numeric", 38],
  ['{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed", 38],
  ['{"a": [["b"]]}', "Match value must be String, number, true, false, or null", 9],
  ['{"$or": {"a": ["b"]}}', "It must be an Array followed with $or.", 10],
  ['{"$or": [{"a": ["b"]}]}', "There must have at least 2 Objects in $or relationship.", 23],
  ['{"$or": ["a", "b"]}', "Only JSON object is allowed in array of $or relationship.", 11],
  ["{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 2],
])("%s", (pattern, message, column) => expect(errorOf(pattern)).toBe(at(pattern, message, column)));

test("what is wrong in a list of excluded values is placed twice", () => {
  const pattern = '{"a": [{"anything-but": {"suffix": [123, "x"]}}]}';
  const message = "prefix/suffix match pattern must be a string";
  expect(errorOf(pattern)).toBe(`${at(pattern, message, 40)}\n at [Source: (String)"${pattern}"; line: 1, column: 40]`);
});

test("an address block that is none has no place", () => {
  expect(errorOf('{"a": [{"cidr": "10.0.0.0"}]}')).toBe("Malformed CIDR, one '/' required");
  expect(errorOf('{"a": [{"cidr": "10.0.0.0/32"}]}')).toBe("IPv4 mask bits must be < 32");
});

const TOO_COMPLEX =
  "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character";

test.each([
  ["*:*:*:*:*:event-bus/*", TOO_COMPLEX],
  [`*${"a".repeat(40)}*`, TOO_COMPLEX],
  ["arn:aws:events:us-east-1:*:event-bus/*", ""],
  ["dir/*/doc.*", ""],
  ["*.png", ""],
  [`${"a".repeat(200)}*${"b".repeat(5)}c`, ""],
])("the complexity of %s", (wildcard, expected) => expect(errorOf(JSON.stringify({ a: [{ wildcard }] }))).toBe(expected));

test("a long pattern is quoted in part, lines are counted", () => {
  const pattern = `{\n"a": ["${"x".repeat(600)}"],\n "b": 1}`;
  const found = errorOf(pattern);
  expect(found).toContain(`"[truncated ${pattern.length - 500} chars]; line: 3, column: 8]`);
});

test("no text makes the compiler stumble, and no $or makes it work for ever", () => {
  const token = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    '"a"',
    '"$or"',
    '"anything-but"',
    '"numeric"',
    '"="',
    "1",
    "null",
    "\\",
    " ",
    "-",
    "tru",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join("")),
      ),
      (pattern) => void errorOf(pattern),
    ),
    { numRuns: 5000 },
  );
  const or = `"$or":[{"a":["1"]},{"a":["2"]},{"a":["3"]},{"a":["4"]}]`;
  const nested = `{${Array.from({ length: 60 }, () => or).join(",")}}`;
  expect(errorOf(nested)).toBe("Rule is too complex - $or makes more than 1000 combinations");
});
