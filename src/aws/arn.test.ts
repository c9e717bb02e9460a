import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatArn, parseArn } from "./arn.ts";

test.each([
  ["arn:aws:iam::123456789012:user/division/alice", ["aws", "iam", "", "123456789012", "user/division/alice"]],
  ["arn:aws:s3:::bucket/key:with:colons", ["aws", "s3", "", "", "bucket/key:with:colons"]],
  [
    "arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:x:*",
    ["aws-us-gov", "logs", "us-gov-west-1", "123456789012", "log-group:x:*"],
  ],
  ["arn:aws:iam::aws:policy/ReadOnlyAccess", ["aws", "iam", "", "aws", "policy/ReadOnlyAccess"]],
])("%s comes apart and together", (text, parts) => {
  const arn = parseArn(text)!;
  expect([arn.partition, arn.service, arn.region, arn.accountId, arn.resource]).toEqual(parts);
  expect(formatArn(arn)).toBe(text);
});

test.each([
  "",
  "arn",
  "arn:aws:iam::123456789012:",
  "arn:aws:iam::123456789012",
  "arn:xxx:xxx:xxx:xxxx",
  `arn:aws:s3:::${"a".repeat(2048)}`,
  "arn:aws:s3:::a b",
  "ARN:aws:s3:::a",
])("%s is no ARN", (text) => expect(parseArn(text)).toBeUndefined());

test("whatever parses is written as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 8 }), (parts) => {
      const text = ["arn:aws", ...parts].join(":");
      const arn = parseArn(text);
      if (arn !== undefined) expect(formatArn(arn)).toBe(text);
    }),
  );
});
