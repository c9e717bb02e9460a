import { createHash } from "node:crypto";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestAccount } from "../embedded-account.test-support.ts";
import { S3Lab } from "./s3-lab.test-support.ts";

const Bucket = "the-bucket";
let lab: S3Lab;
let account: TestAccount;
let s3: S3Client;
const put: S3Lab["put"] = async (...input) => await lab.put(...input);
const text: S3Lab["text"] = async (...input) => await lab.text(...input);
const raw: S3Lab["raw"] = async (...input) => await lab.raw(...input);
const bodies = (): number => lab.bodies();

beforeAll(async () => {
  lab = await S3Lab.start();
  ({ account, s3 } = lab);
});
beforeEach(() => void (account.errors.length = 0));
afterAll(async () => await lab.stop());

describe("put, get, head, delete", () => {
  test("bytes, headers, metadata and tags come back", async () => {
    const answer = await put("a/ü + %41.txt", "hello", {
      ContentType: "text/plain",
      CacheControl: "no-cache",
      ContentDisposition: "inline",
      ContentEncoding: "identity",
      ContentLanguage: "de",
      Metadata: { colour: "blue" },
      Tagging: "k=v&other=a%20b",
      StorageClass: "STANDARD_IA",
    });
    expect(answer.ETag).toBe(`"${createHash("md5").update("hello").digest("hex")}"`);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "a/ü + %41.txt" }));
    expect(await got.Body!.transformToString()).toBe("hello");
    expect(got).toMatchObject({
      ContentType: "text/plain",
      CacheControl: "no-cache",
      ContentDisposition: "inline",
      ContentEncoding: "identity",
      ContentLanguage: "de",
      ContentLength: 5,
      Metadata: { colour: "blue" },
      TagCount: 2,
      StorageClass: "STANDARD_IA",
      ServerSideEncryption: "AES256",
      AcceptRanges: "bytes",
    });
    expect(Math.abs(got.LastModified!.getTime() - Date.now())).toBeLessThan(10_000);
    const tags = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "a/ü + %41.txt" }));
    expect(tags.TagSet).toEqual([
      { Key: "k", Value: "v" },
      { Key: "other", Value: "a b" },
    ]);
  });

  test("HEAD has the headers of GET and no body; of nothing it is 404 without one", async () => {
    await put("headed", "12345");
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "headed" }))).toMatchObject({ ContentLength: 5 });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "no" }))).rejects.toMatchObject({
      name: "NotFound",
      $metadata: { httpStatusCode: 404 },
    });
    expect(await raw("HEAD", `/${Bucket}/no`)).toMatchObject({ status: 404, body: "" });
  });

  test("errors have S3's form, ids included", async () => {
    const { status, body, headers } = await raw("GET", `/${Bucket}/not%20there`);
    expect(status).toBe(404);
    expect(headers["content-type"]).toBe("application/xml");
    expect(headers["content-length"]).toBe(String(body.length));
    const id = headers["x-amz-request-id"] as string;
    expect(body).toContain(`<Code>NoSuchKey</Code>`);
    expect(body).toContain(`<Resource>/${Bucket}/not%20there</Resource><RequestId>${id}</RequestId>`);
    expect(headers["x-amz-id-2"]).toMatch(/^[\w+/=]{76}$/);
    await put("ids", "");
    const good = await raw("GET", `/${Bucket}/ids`);
    expect(good.headers).toMatchObject({ "x-amz-request-id": expect.stringMatching(/^request-\d+$/), "content-length": "0" });
  });

  test("replacing and deleting removes the files", async () => {
    const before = bodies();
    await put("replaced", "one");
    await put("replaced", "two");
    expect(bodies()).toBe(before + 1);
    expect(await text("replaced")).toBe("two");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "replaced" }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "replaced" }));
    expect(bodies()).toBe(before);
    await expect(text("replaced")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test("DeleteObjects: what is there, what is not, what may not go", async () => {
    const before = bodies();
    await Promise.all(["d1", "d2", "d<3>&"].map(async (Key) => await put(Key, "x")));
    const Objects = [{ Key: "d1" }, { Key: "d<3>&" }, { Key: "never" }, { Key: "d2", VersionId: "v9" }];
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(["d1", "d<3>&", "never"]);
    expect(answer.Errors).toMatchObject([{ Key: "d2", Code: "NoSuchVersion" }]);
    const quiet = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: [{ Key: "d2", VersionId: "null" }] } }),
    );
    expect(quiet.Deleted ?? []).toEqual([]);
    expect(bodies()).toBe(before);
    expect(await raw("POST", `/${Bucket}?delete`, {}, "<Delete></Delete>")).toMatchObject({ status: 400 });
    expect((await raw("POST", `/${Bucket}?delete`, {}, "nonsense")).body).toContain("<Code>MalformedXML</Code>");
  });

  test("tags of an object", async () => {
    await put("tagged", "x");
    const TagSet = [{ Key: "__proto__", Value: "<&>" }];
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "tagged", Tagging: { TagSet } }));
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "tagged" }))).TagSet).toEqual(TagSet);
    await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: "tagged" }));
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "tagged" }))).TagSet).toEqual([]);
    const many = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: "" }));
    await expect(
      s3.send(new PutObjectTaggingCommand({ Bucket, Key: "tagged", Tagging: { TagSet: many } })),
    ).rejects.toMatchObject({ name: "BadRequest" });
  });

  test.each([
    ["a bucket that is not there", { Bucket: "no-such-bucket", Key: "k" }, "NoSuchBucket", 404],
    ["a key of 1,025 octets", { Key: "k".repeat(1025) }, "KeyTooLongError", 400],
    ["metadata of more than 2 KB", { Metadata: { a: "v".repeat(2048) } }, "MetadataTooLarge", 400],
    ["keys of its own", { SSECustomerAlgorithm: "AES256", SSECustomerKey: "k", SSECustomerKeyMD5: "m" }, "NotImplemented", 501],
    ["KMS", { ServerSideEncryption: "aws:kms" as const }, "NotImplemented", 501],
    ["an ACL", { ACL: "public-read" as const }, "AccessControlListNotSupported", 400],
    ["another owner", { ExpectedBucketOwner: "111111111111" }, "AccessDenied", 403],
    ["a lock", { ObjectLockMode: "GOVERNANCE" as const, ObjectLockRetainUntilDate: new Date() }, "NotImplemented", 501],
  ])("PutObject with %s", async (_what, input, name, httpStatusCode) => {
    const before = bodies();
    await expect(put("refused", "x", input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(bodies()).toBe(before);
  });

  test("what the owner may say anyway is passed over", async () => {
    await put("granted", "x", {
      ACL: "bucket-owner-full-control",
      ServerSideEncryption: "AES256",
      ExpectedBucketOwner: "000000000000",
    });
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: "granted", VersionId: "v1" }))).rejects.toMatchObject({
      name: "NoSuchVersion",
    });
  });
});

describe("ranges", () => {
  const content = "0123456789";
  beforeAll(async () => void (await put("ten", content)));

  test.each([
    ["bytes=0-0", "0", "bytes 0-0/10"],
    ["bytes=3-5", "345", "bytes 3-5/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-2", "89", "bytes 8-9/10"],
    ["bytes=-20", content, "bytes 0-9/10"],
    ["bytes=8-100", "89", "bytes 8-9/10"],
  ])("%s", async (Range, expected, contentRange) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "ten", Range }));
    expect(await answer.Body!.transformToString()).toBe(expected);
    expect(answer).toMatchObject({ ContentRange: contentRange, $metadata: { httpStatusCode: 206 } });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "ten", Range }));
    expect(head.ContentLength).toBe(expected.length);
  });

  test.each(["bytes=5-3", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4"])("%s is passed over", async (Range) => {
    expect(await text("ten", { Range })).toBe(content);
  });

  test.each(["bytes=10-", "bytes=10-12", "bytes=-0"])("%s cannot be satisfied", async (Range) => {
    await expect(text("ten", { Range })).rejects.toMatchObject({ name: "InvalidRange", $metadata: { httpStatusCode: 416 } });
  });
});

describe("conditions", () => {
  test("If-Match, If-None-Match and the dates, when reading", async () => {
    const { ETag } = await put("conditional", "x");
    const get = async (rest: object) => await s3.send(new GetObjectCommand({ Bucket, Key: "conditional", ...rest }));
    const hour = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);
    const failed = { $metadata: { httpStatusCode: 412 } };
    const unchanged = { $metadata: { httpStatusCode: 304 } };
    await get({ IfMatch: ETag });
    await get({ IfNoneMatch: '"other"' });
    await get({ IfModifiedSince: hour(-1) });
    await get({ IfUnmodifiedSince: hour(1) });
    // RFC 9110: the ETag decides where both are there.
    await get({ IfMatch: ETag, IfUnmodifiedSince: hour(-1) });
    await get({ IfNoneMatch: '"other"', IfModifiedSince: hour(1) });
    await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject(failed);
    await expect(get({ IfUnmodifiedSince: hour(-1) })).rejects.toMatchObject(failed);
    await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject(unchanged);
    await expect(get({ IfModifiedSince: hour(1) })).rejects.toMatchObject(unchanged);
  });

  test("If-None-Match: * and If-Match, when writing", async () => {
    const before = bodies();
    const { ETag } = await put("only-once", "1", { IfNoneMatch: "*" });
    await expect(put("only-once", "2", { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await put("only-once", "3", { IfMatch: ETag! });
    await expect(put("only-once", "4", { IfMatch: ETag! })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(put("never-there", "4", { IfMatch: ETag! })).rejects.toMatchObject({ name: "NoSuchKey" });
    expect(await text("only-once")).toBe("3");
    expect(bodies()).toBe(before + 1);
  });
});

describe("CopyObject", () => {
  const copy = async (Key: string, CopySource: string, rest: object = {}) =>
    await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource, ...rest }));

  test("bytes, metadata and tags, without taking the source along when it goes", async () => {
    const { ETag } = await put("from ü+%", "copied", { Metadata: { a: "1" }, Tagging: "t=1", ContentType: "text/plain" });
    const answer = await copy("to", `/${Bucket}/${encodeURIComponent("from ü+%")}?versionId=null`);
    expect(answer.CopyObjectResult).toMatchObject({ ETag });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "from ü+%" }));
    expect(await text("to")).toBe("copied");
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "to" }))).toMatchObject({
      Metadata: { a: "1" },
      ContentType: "text/plain",
    });
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "to" }))).TagSet).toEqual([{ Key: "t", Value: "1" }]);
  });

  test("with other metadata and tags", async () => {
    await put("plain", "x", { Metadata: { old: "1" }, Tagging: "old=1" });
    await copy("plain", `${Bucket}/plain`, {
      MetadataDirective: "REPLACE",
      TaggingDirective: "REPLACE",
      Metadata: { fresh: "2" },
      Tagging: "fresh=2",
      ContentType: "text/css",
    });
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "plain" }))).toMatchObject({
      Metadata: { fresh: "2" },
      ContentType: "text/css",
    });
    const tags = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "plain" }));
    expect(tags.TagSet).toEqual([{ Key: "fresh", Value: "2" }]);
  });

  test("refusals", async () => {
    const before = bodies();
    const { ETag } = await put("source", "x");
    await expect(copy("source", `${Bucket}/source`)).rejects.toMatchObject({ name: "InvalidRequest" });
    await expect(copy("t", `${Bucket}/none`)).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(copy("t", "no-such-bucket/none")).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(copy("t", "nothing")).rejects.toMatchObject({ name: "InvalidArgument" });
    await expect(copy("t", `${Bucket}/%zz`)).rejects.toMatchObject({ name: "InvalidArgument" });
    await expect(copy("t", `${Bucket}/source`, { CopySourceIfNoneMatch: ETag })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    await expect(copy("t", `${Bucket}/source`, { CopySourceIfMatch: '"other"' })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    await expect(copy("t", `${Bucket}/source`, { MetadataDirective: "MOVE" })).rejects.toMatchObject({ name: "InvalidArgument" });
    await expect(copy("source", `${Bucket}/ten`, { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await copy("t", `${Bucket}/source`, { CopySourceIfMatch: ETag });
    expect(bodies()).toBe(before + 2);
  });
});
