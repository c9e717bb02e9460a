import { describe, expect, test } from "vitest";
import { finishedCall } from "../golden.test-support.ts";
import { bucket, bucketResource, s3Exchange, type S3Parts } from "./s3-exchange.test-support.ts";
import { s3Resources } from "./s3-resources.ts";

describe("resources", () => {
  const resources = (operation: string, parts: S3Parts = {}) => s3Resources(finishedCall(s3Exchange(operation, parts)));

  test("a list names the beginning of what it lists", () => {
    expect(resources("ListObjectsV2", { target: "/?list-type=2&prefix=logs/" })).toEqual([
      bucketResource,
      { type: "AWS::S3::Object", ARNPrefix: `arn:aws:s3:::${bucket}/logs/` },
    ]);
  });

  test("a call on the bucket names the bucket", () => {
    expect(resources("GetBucketAcl", { target: "/?acl" })).toEqual([bucketResource]);
  });

  test.each(["CreateBucket", "ListBuckets"])("%s names nothing", (operation) => {
    expect(resources(operation)).toBeUndefined();
  });

  test("a bucket that does not exist is none", () => {
    const answer = { status: 404, body: "<Error><Code>NoSuchBucket</Code></Error>" };
    expect(resources("GetObject", { key: "k", answer })).toBeUndefined();
  });

  test("a directory bucket", () => {
    const name = "demo--use1-az4--x-s3";
    expect(resources("PutObject", { s3: { bucket: name, key: "k" } })).toEqual([
      { type: "AWS::S3Express::Object", ARNPrefix: `arn:aws:s3express:us-east-1:123456789012:bucket/${name}/k` },
      {
        accountId: "123456789012",
        type: "AWS::S3Express::DirectoryBucket",
        ARN: `arn:aws:s3express:us-east-1:123456789012:bucket/${name}`,
      },
    ]);
  });

  test("an access point", () => {
    const arn = "arn:aws:s3:us-east-1:210987654321:accesspoint/reports";
    const expected = [
      { type: "AWS::S3::Object", ARN: `${arn}/object/k` },
      { accountId: "210987654321", type: "AWS::S3::AccessPoint", ARN: arn },
    ];
    const apHost = "reports-210987654321.s3-accesspoint.us-east-1.amazonaws.com";
    expect(resources("GetObject", { host: apHost, s3: { bucket: "reports-210987654321", key: "k" } })).toEqual(expected);
    expect(resources("GetObject", { s3: { bucket: arn, key: "k" } })).toEqual(expected);
  });

  test("another partition", () => {
    expect(resources("GetBucketAcl", { region: "cn-north-1" })).toMatchObject([{ ARN: `arn:aws-cn:s3:::${bucket}` }]);
  });
});
