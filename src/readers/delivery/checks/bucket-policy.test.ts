import { describe, expect, test } from "vitest";
import type { Trail } from "../../../account/trails/trail.ts";
import { missingStatement, type Need } from "./bucket-policy.ts";

const trail: Trail = {
  id: "t",
  accountId: "123456789012",
  name: "T",
  homeRegion: "us-east-1",
  arn: "arn:aws:cloudtrail:us-east-1:123456789012:trail/T",
  s3BucketName: "logs",
  s3KeyPrefix: "P",
  includeGlobalServiceEvents: true,
  isMultiRegionTrail: false,
  logFileValidationEnabled: false,
  isOrganizationTrail: false,
  recursiveLogging: true,
  logging: false,
  tags: [],
  createdAt: 0,
};
const needs: readonly Need[] = [
  { action: "s3:GetBucketAcl", key: undefined },
  { action: "s3:PutObject", key: "P/AWSLogs/123456789012/CloudTrail/" },
];
const Service = "cloudtrail.amazonaws.com";
const acl = { Effect: "Allow", Principal: { Service }, Action: "s3:GetBucketAcl", Resource: "arn:aws:s3:::logs" };
const put = {
  Effect: "Allow",
  Principal: { Service },
  Action: "s3:PutObject",
  Resource: "arn:aws:s3:::logs/P/AWSLogs/123456789012/*",
  Condition: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail.arn } },
};
const lacking = (...statements: object[]): string | undefined =>
  missingStatement(JSON.stringify({ Version: "2012-10-17", Statement: statements }), trail, needs);

describe("a bucket policy", () => {
  test("as AWS documents it lacks nothing", () => {
    expect(lacking(acl, put)).toBeUndefined();
    expect(
      lacking({ ...acl, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::logs", "arn:aws:s3:::log?/*"] }),
    ).toBeUndefined();
    expect(lacking({ ...acl, Action: ["S3:getbucketacl"] }, put)).toBeUndefined();
  });

  test("lacks the statement that it does not have", () => {
    expect(lacking(put)).toContain("s3:GetBucketAcl on arn:aws:s3:::logs");
    expect(lacking(acl)).toContain("s3:PutObject on arn:aws:s3:::logs/P/AWSLogs/123456789012/CloudTrail/");
    expect(missingStatement("no", trail, needs)).toContain("not JSON");
    expect(missingStatement("[]", trail, needs)).toContain("GetBucketAcl");
  });

  test.each([
    ["another principal", { Principal: { Service: "config.amazonaws.com" } }],
    ["a denial", { Effect: "Deny" }],
    ["another prefix", { Resource: "arn:aws:s3:::logs/Q/AWSLogs/123456789012/*" }],
    ["another trail", { Condition: { StringEquals: { "aws:SourceArn": `${trail.arn}2` } } }],
    ["another account", { Condition: { StringLike: { "AWS:SourceAccount": ["210987654321"] } } }],
    ["another ACL", { Condition: { StringEquals: { "s3:x-amz-acl": "private" } } }],
  ])("does not let CloudTrail write with %s", (_, change) => {
    expect(lacking(acl, { ...put, ...change })).toContain("s3:PutObject");
  });

  test("may say more than what is compared here", () => {
    expect(lacking(acl, { ...put, Condition: { Bool: { "aws:SecureTransport": "true" } } })).toBeUndefined();
  });

  test("of many stars is compared in linear time", () => {
    const Resource = `arn:aws:s3:::${"*a".repeat(4000)}b`;
    const started = performance.now();
    expect(lacking(acl, { ...put, Resource })).toContain("s3:PutObject");
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
