import { expect, test } from "vitest";
import { recordsOf } from "../golden.test-support.ts";
import { bucketResource, objectResource, s3Exchange, type S3Parts } from "./s3-exchange.test-support.ts";

const head = (operation: string, status: number, parts: S3Parts = {}) =>
  recordsOf(s3Exchange(operation, { method: "HEAD", answer: { status }, ...parts }))[0];

test("HEAD of a missing key names what is missing", () => {
  expect(head("HeadObject", 404, { key: "k" })).toMatchObject({
    errorCode: "NoSuchKey",
    errorMessage: "The specified key does not exist.",
    resources: [bucketResource, objectResource("k")],
  });
});

test("HEAD of a missing bucket names no resource", () => {
  const record = head("HeadBucket", 404);
  expect(record).toMatchObject({ errorCode: "NoSuchBucket", errorMessage: "The specified bucket does not exist" });
  expect(record).not.toHaveProperty("resources");
});

test("HEAD that was denied says so", () => {
  expect(head("HeadBucket", 403)).toMatchObject({ errorCode: "AccessDenied", errorMessage: "Access Denied" });
});

test("other answers speak for themselves", () => {
  const answer = { status: 404, body: "<Error><Code>NoSuchVersion</Code><Message>gone</Message></Error>" };
  expect(recordsOf(s3Exchange("GetObject", { key: "k", answer }))[0]).toMatchObject({
    errorCode: "NoSuchVersion",
    errorMessage: "gone",
  });
  expect(head("HeadObject", 412, { key: "k" })?.errorCode).toBe("PreconditionFailed");
});
