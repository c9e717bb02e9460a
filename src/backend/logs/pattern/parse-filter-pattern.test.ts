import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFilterPattern } from "./parse-filter-pattern.ts";

const matches = (pattern: string, message: string): boolean => parseFilterPattern(pattern).matches(message);

describe("terms", () => {
  const LINES = [
    "[ERROR 400] BAD REQUEST",
    "[ERROR 401] UNAUTHORIZED REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[ERROR 420] INVALID ARGUMENTS",
    "[INFO] REQUEST FAILED",
    "[ERROR 500] INTERNAL SERVER ERROR",
  ];

  test.each([
    ["", [0, 1, 2, 3, 4, 5]],
    ['" "', [0, 1, 2, 3, 4, 5]],
    ["ERROR", [0, 1, 2, 3, 5]],
    ["error", []],
    ["ERROR ARGUMENTS", [2, 3]],
    ["?INFO ?ARGUMENTS", [2, 3, 4]],
    ["?ERROR ?ARGUMENTS REQUEST", [0, 1, 4]],
    ['"INTERNAL SERVER ERROR"', [5]],
    ["ERROR -ARGUMENTS", [0, 1, 5]],
    ["-ERROR", [4]],
    ['-"BAD REQUEST" -ARGUMENTS', [1, 4, 5]],
    ["%AUTHORIZED%", [1]],
    ["%^\\[ERROR 4[0-1][0-9]\\]% -BAD", [1, 2]],
    ['?"ERROR 420" ?INFO', [3, 4]],
  ])("%s", (pattern, expected) => {
    expect(LINES.flatMap((line, index) => (matches(pattern, line) ? [index] : []))).toEqual(expected);
  });

  test("quotation marks and backslashes within quotation marks", () => {
    expect(matches('"say \\"hi\\" \\\\ \\n"', 'I say "hi" \\ \\n')).toBe(true);
    expect(matches('"say \\"hi\\""', "say hi")).toBe(false);
  });

  test.each(["a.b", "*", "a*", "(", '"open', "%open", "-", "?", "ERROR -", "-?a", "a:b"])("refuses %s", (pattern) => {
    expect(() => parseFilterPattern(pattern)).toThrow(expect.objectContaining({ code: "InvalidParameterException" }));
  });

  test("says which term it cannot read", () => {
    expect(() => parseFilterPattern("ERROR a.b")).toThrow("Invalid character(s) in term 'a.b'");
  });
});

describe("JSON", () => {
  const TRAIL = JSON.stringify({
    eventType: "UpdateTrail",
    sourceIPAddress: "111.111.111.111",
    arrayKey: ["value", "another value"],
    objectList: [
      { name: "a", id: 1 },
      { name: "b", id: 2 },
    ],
    SomeObject: null,
    "cluster.name": "c",
    readOnly: false,
    number: [1000, 0.001, "1e3"],
    errorCode: 404,
    account: "012345678901",
    coordinates: [
      [0, 1, 2],
      [4, 5, 6],
    ],
  });

  test.each<[string, boolean]>([
    ['{ $.eventType = "UpdateTrail" }', true],
    ["{$.eventType=UpdateTrail}", true],
    ['{ $.eventType != "UpdateTrail" }', false],
    ["{ $.sourceIPAddress != 123.123.* }", true],
    ["{ $.sourceIPAddress = 111.111.* }", true],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[2] = "value" }', false],
    ["{ $.arrayKey[2] NOT EXISTS }", true],
    ['{ $.arrayKey = "value" }', false],
    ['{ $.arrayKey != "value" }', false],
    ["{ $.eventType = %Trail% }", true],
    ["{ $.arrayKey[*] = %val.{2}% }", true],
    ["{ $.* = %111\\.111\\.111\\.1[0-9]{1,2}% }", true],
    ['{ $.objectList[*].name = "b" }', true],
    ["{ $.objectList[*].name = c }", false],
    ["{ $.['cluster.name'] = \"c\" }", true],
    ['{ $["cluster.name"] = "c" }', true],
    ["{ $.SomeObject IS NULL }", true],
    ["{ $.SomeObject NOT EXISTS }", false],
    ['{ $.SomeObject = "*" }', false],
    ['{ $.SomeObject != "x" }', false],
    ["{ $.SomeOtherObject NOT EXISTS }", true],
    ['{ $.SomeOtherObject != "x" }', false],
    ["{ $.SomeOtherObject IS NULL }", false],
    ["{ $.readOnly IS FALSE }", true],
    ["{ $.readOnly IS TRUE }", false],
    ['{ $.readOnly = "false" }', true],
    ["{ $.number[0] = 1e+3 }", true],
    ["{ $.number[1] = 1e-3 }", true],
    ["{ $.number[1] != 1e-3 }", false],
    ["{ $.number[2] = 1000 }", false],
    ["{ $.number[2] = 1e3 }", true],
    ["{ $.number[0] >= 1000 && $.number[0] <= 1000.0 }", true],
    ["{ $.number[0] > 1000 || $.number[0] < 1000 }", false],
    ["{ $.errorCode = 4* }", true],
    ['{ $.errorCode = "404" }', true],
    ["{ $.errorCode > -1 }", true],
    ["{ $.eventType > 1 }", false],
    ["{ $.account = 012345678901 }", true],
    ["{ $.account = 12345678901 }", false],
    ["{ $.account > 1 }", false],
    ["{ $.coordinates[1][2] = 6 }", true],
    ['{ $.eventType = "UpdateTrail" || $.readOnly IS TRUE && $.readOnly IS TRUE }', true],
    ['{ ($.eventType = "UpdateTrail" || $.readOnly IS TRUE) && $.readOnly IS TRUE }', false],
    ["{ $.constructor NOT EXISTS && $.__proto__ NOT EXISTS && $.arrayKey.length NOT EXISTS }", true],
  ])("%s", (pattern, expected) => {
    expect(matches(pattern, TRAIL)).toBe(expected);
  });

  test.each(["", "no document", "null", "3", '"text"', "{", '{"a":1}}'])("no document: %s", (message) => {
    expect(matches("{ $.a NOT EXISTS }", message)).toBe(false);
  });

  test.each([
    "{",
    "{}",
    "{ $ = 1 }",
    "{ $.a }",
    "{ $.a = }",
    "{ a = 1 }",
    "{ $.a == 1 }",
    "{ $.a = 1 && }",
    "{ ($.a = 1 }",
    "{ $.a = 1) }",
    "{ $.a IS NOT NULL }",
    "{ $.a EXISTS }",
    "{ $.a > x }",
    '{ $.a > "1" }',
    "{ $.a > %1% }",
    "{ $.a.* = 1 } }",
    "{ $.*.* = 1 }",
    "{ $.a[-1] = 1 }",
    "{ $.a[ = 1 }",
    "{ $.a = %a% && $.b = %b% && $.c = %c% }",
    "{ $.*=1 || $.a.*=1 || $.b.*=1 || $.c.*=1 }",
    "{ $.a = %(a)% }",
    '{ $.a = "b }',
  ])("refuses %s", (pattern) => {
    expect(() => parseFilterPattern(pattern)).toThrow("Invalid metric filter pattern");
  });

  test("parentheses as deep as a pattern is long", () => {
    const depth = 500;
    expect(matches(`{${"(".repeat(depth)}$.a=1${")".repeat(depth)}}`, '{"a":1}')).toBe(true);
  });

  test("a document as deep as an event is large", () => {
    const depth = 100_000;
    expect(matches("{ $.a NOT EXISTS || $.a = 1 }", `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`)).toBe(false);
  });

  test("what is extracted", () => {
    const pattern = parseFilterPattern("{ $.sourceIPAddress != 123.123.* && $.objectList[*].id = 1 && $.x NOT EXISTS }");
    expect(pattern.extract(TRAIL)).toEqual({ "$.sourceIPAddress": "111.111.111.111", "$.objectList[*].id": "1" });
  });
});

describe("fields between spaces", () => {
  const LINE = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

  test.each<[string, string, boolean]>([
    ["[ip=%127\\.0\\.0\\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", LINE, true],
    ["[..., request =*.html*, status_code = 4*, bytes]", LINE, true],
    ["[ip, user, ..., bytes > 1500]", LINE, true],
    ["[ip, user, ..., bytes > 1534.0]", LINE, false],
    ["[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]", LINE, true],
    ["[ip, user, username, timestamp, request, status_code = 410 || status_code = 411, bytes]", LINE, false],
    ["[ip, user, username, timestamp, request, status_code = 4.04e2, bytes]", LINE, true],
    ["[a, b, c, d, e, f, g, h]", LINE, false],
    ["[a, ..., b, c, d, e, f, g, h]", LINE, false],
    ["[...]", LINE, true],
    ["[]", LINE, true],
    ["[w1=ERROR, w2]", "ERROR 09/25/2014 12:00:02 Failed to process request", true],
    ["[w1=ERROR, w2]", "INFO 09/25/2014 12:00:02 Failed to process request", false],
    ["[w1=ERROR]", "ERROR 09/25/2014", false],
    ["[w1=ERROR || w1=WARNING, w2]", "WARNING 09/25/2014 12:00:02 Invalid user request", true],
    ["[w1!=ERROR && w1!=WARNING, w2]", "INFO 09/25/2014 GET", true],
    ["[w1!=ERROR && w1!=WARNING, w2]", "WARNING 09/25/2014 GET", false],
    ["[level, date, time, method, url=%/service/resource/[0-9]+$%, ms]", "INFO d t GET /service/resource/67 1200", true],
    ["[level, date, time, method, url=%/service/resource/[0-9]+$%, ms]", "INFO d t GET /service/resource/67/part/1 1200", false],
    ['[r="GET /*", rest]', '"GET /a b" 1 2', true],
    ["[r=REPORT,...]", "REPORT RequestId: 1", true],
    ["[, , c = x]", "a b x", true],
  ])("%s of %s", (pattern, line, expected) => {
    expect(matches(pattern, line)).toBe(expected);
  });

  test.each([
    "[",
    "[a",
    "[a b]",
    "[a=]",
    "[a, a]",
    "[..., ...]",
    "[a, b=1 && c=2]",
    "[a=1 ||]",
    "[a=%x% && a=%y% && a=%z%]",
    "[a=1]]",
  ])("refuses %s", (pattern) => {
    expect(() => parseFilterPattern(pattern)).toThrow("Invalid metric filter pattern");
  });

  test("what is extracted", () => {
    expect(parseFilterPattern("[a, ..., status=4*, c]").extract(LINE)).toEqual({ $a: "127.0.0.1", $status: "404", $c: "1534" });
    expect(parseFilterPattern("[]").extract("x [y z]")).toEqual({ $1: "x", $2: "y z" });
    expect(parseFilterPattern("[first, rest]").extract("x  y z ")).toEqual({ $first: "x", $rest: "y z" });
  });
});

test("any text at all is read or refused, and what is read can be asked", () => {
  const pieces = fc.constantFrom(..."{}[]()$.*=!<>&|%\"'\\?-, ", "IS", "NULL", "NOT EXISTS", "$.a", "a", "1e3", "...", "[0]");
  const patterns = fc.oneof(
    fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join("")),
    fc.array(pieces, { maxLength: 20 }).map((parts) => `{$.a=${parts.join("")}}`),
    fc.string({ maxLength: 40, unit: "binary" }),
  );
  fc.assert(
    fc.property(patterns, fc.oneof(fc.json(), fc.string({ unit: "binary" })), (text, message) => {
      let pattern;
      try {
        pattern = parseFilterPattern(text);
      } catch (error) {
        expect(error).toMatchObject({ code: "InvalidParameterException", status: 400 });
        return;
      }
      expect(typeof pattern.matches(message)).toBe("boolean");
      if (pattern.matches(message)) pattern.extract(message);
    }),
    { numRuns: 5000 },
  );
});
