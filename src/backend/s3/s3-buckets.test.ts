import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
  type BucketLocationConstraint,
} from "@aws-sdk/client-s3";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestAccount } from "../embedded-account.test-support.ts";

let account: TestAccount;
let s3: S3Client;

beforeAll(async () => {
  account = await new TestAccount().start();
  s3 = new S3Client({
    endpoint: account.url,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
});
afterAll(async () => {
  expect(account.errors).toEqual([]);
  s3.destroy();
  await account.remove();
});

describe("buckets", () => {
  test("made, found, listed, removed", async () => {
    expect(await s3.send(new CreateBucketCommand({ Bucket: "first-bucket" }))).toMatchObject({ Location: "/first-bucket" });
    // In us-east-1 the owner may do so twice.
    await s3.send(new CreateBucketCommand({ Bucket: "first-bucket" }));
    await s3.send(new CreateBucketCommand({ Bucket: "second-bucket" }));
    expect(await s3.send(new HeadBucketCommand({ Bucket: "first-bucket" }))).toMatchObject({ BucketRegion: "us-east-1" });
    const { Buckets, Owner } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["first-bucket", "second-bucket"]);
    expect(Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
    const page = await s3.send(new ListBucketsCommand({ MaxBuckets: 1 }));
    expect(page.Buckets).toHaveLength(1);
    const rest = await s3.send(new ListBucketsCommand({ ContinuationToken: page.ContinuationToken }));
    expect(rest.Buckets?.map(({ Name }) => Name)).toEqual(["second-bucket"]);
    await s3.send(new PutObjectCommand({ Bucket: "first-bucket", Key: "k", Body: "" }));
    await expect(s3.send(new DeleteBucketCommand({ Bucket: "first-bucket" }))).rejects.toMatchObject({
      name: "BucketNotEmpty",
      $metadata: { httpStatusCode: 409 },
    });
    await s3.send(new DeleteBucketCommand({ Bucket: "second-bucket" }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: "second-bucket" }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
    await expect(s3.send(new DeleteBucketCommand({ Bucket: "second-bucket" }))).rejects.toMatchObject({ name: "NoSuchBucket" });
  });

  test("regions: a constraint, and us-east-1, which is the absence of one", async () => {
    const LocationConstraint: BucketLocationConstraint = "eu-west-1";
    const create = { Bucket: "european", CreateBucketConfiguration: { LocationConstraint } };
    await s3.send(new CreateBucketCommand(create));
    await s3.send(new CreateBucketCommand({ Bucket: "american" }));
    const location = async (Bucket: string) => (await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint;
    expect(await location("european")).toBe("eu-west-1");
    expect(await location("american")).toBeUndefined();
    await expect(s3.send(new CreateBucketCommand(create))).rejects.toMatchObject({ name: "BucketAlreadyOwnedByYou" });
    const wrong = { LocationConstraint: "us-east-1" as BucketLocationConstraint };
    await expect(s3.send(new CreateBucketCommand({ Bucket: "wrong", CreateBucketConfiguration: wrong }))).rejects.toMatchObject({
      name: "InvalidLocationConstraint",
    });
  });

  test.each(["ab", "Upper", "under_score", "a..b", "-a-", "192.168.0.1", "a".repeat(64), "_opentrail"])(
    "%s is no name for a bucket",
    async (Bucket) => {
      const answer = await fetch(`${account.url}/${Bucket}`, { method: "PUT" });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain("<Code>InvalidBucketName</Code>");
    },
  );

  test("policy, tags, ACL, versioning", async () => {
    const Bucket = "settings";
    await s3.send(new CreateBucketCommand({ Bucket }));
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await expect(s3.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({ name: "NoSuchBucketPolicy" });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
    for (const wrong of ["{", "[]", "null", "{}", JSON.stringify({ Statement: "x".repeat(20_480) })]) {
      await expect(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: wrong }))).rejects.toMatchObject({
        name: "MalformedPolicy",
      });
    }
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    await expect(s3.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({ name: "NoSuchBucketPolicy" });

    const TagSet = [{ Key: "a", Value: "b" }];
    await expect(s3.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toMatchObject({ name: "NoSuchTagSet" });
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);
    await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
    await expect(s3.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toMatchObject({ name: "NoSuchTagSet" });

    const { Owner, Grants } = await s3.send(new GetBucketAclCommand({ Bucket }));
    expect(Grants).toMatchObject([{ Permission: "FULL_CONTROL", Grantee: { ID: Owner?.ID, Type: "CanonicalUser" } }]);
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
  });
});

describe("listings", () => {
  const Bucket = "listed";
  const keys = ["a", "a/1", "a/2", "a/b/1", "b", "c d+e&f", "photos/", "photos/1", "ä", "\u{1f600}"];
  beforeAll(async () => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    for (const Key of keys.toReversed()) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  });

  test("version 2: everything, and what is said of it", async () => {
    const answer = await s3.send(new ListObjectsV2Command({ Bucket, FetchOwner: true }));
    expect(answer).toMatchObject({ IsTruncated: false, KeyCount: keys.length, MaxKeys: 1000, Name: Bucket, Prefix: "" });
    expect(answer.Contents?.map(({ Key }) => Key)).toEqual(keys);
    expect(answer.Contents?.[0]).toMatchObject({
      Size: 1,
      StorageClass: "STANDARD",
      ETag: '"0cc175b9c0f1b6a831c399e269772661"',
      Owner: { ID: expect.any(String) },
    });
  });

  test("version 1: markers", async () => {
    const first = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 2 }));
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(["a"]);
    expect(first.CommonPrefixes).toEqual([{ Prefix: "a/" }]);
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: "a/" });
    const second = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 2, Marker: first.NextMarker }));
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(["b", "c d+e&f"]);
    const flat = await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 2 }));
    expect(flat).toMatchObject({ IsTruncated: true });
    expect(flat.NextMarker).toBeUndefined();
  });

  test("version 2: a folder's own key does not hide what is in it", async () => {
    const ask = { Bucket, Delimiter: "/", Prefix: "photos/", MaxKeys: 1 };
    const first = await s3.send(new ListObjectsV2Command(ask));
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(["photos/"]);
    const second = await s3.send(new ListObjectsV2Command({ ...ask, ContinuationToken: first.NextContinuationToken }));
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(["photos/1"]);
    expect(second.IsTruncated).toBe(false);
  });

  test("StartAfter in the middle of a prefix", async () => {
    const answer = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/", StartAfter: "a/1" }));
    expect(answer.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["a/", "photos/"]);
  });

  test("names that are encoded on request", async () => {
    const answer = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url", Prefix: "c d" }));
    expect(answer.Contents?.map(({ Key }) => Key)).toEqual(["c+d%2Be%26f"]);
    expect(answer).toMatchObject({ Prefix: "c+d", EncodingType: "url" });
  });

  test("no keys at all", async () => {
    expect(await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }))).toMatchObject({ IsTruncated: false, KeyCount: 0 });
  });

  test("versions: every object once", async () => {
    const first = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 3 }));
    expect(first.Versions?.[0]).toMatchObject({ Key: "a", VersionId: "null", IsLatest: true });
    expect(first).toMatchObject({ IsTruncated: true, NextKeyMarker: "a/2", NextVersionIdMarker: "null" });
    const rest = await s3.send(new ListObjectVersionsCommand({ Bucket, KeyMarker: first.NextKeyMarker }));
    expect([...first.Versions!, ...rest.Versions!].map(({ Key }) => Key)).toEqual(keys);
  });

  test.each([
    ["list-type=2&max-keys=x", "InvalidArgument"],
    ["max-keys=-1", "InvalidArgument"],
    ["list-type=2&encoding-type=html", "InvalidArgument"],
    ["list-type=2&continuation-token=%2B%2B", "InvalidArgument"],
  ])("%s", async (query, code) => {
    const answer = await fetch(`${account.url}/${Bucket}?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(`<Code>${code}</Code>`);
  });

  test("pages of any size, with any delimiter and prefix, are the listing in one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("", "a", "a/", "photos/", "x"),
        fc.constantFrom(undefined, "/", "b"),
        fc.integer({ min: 1, max: 4 }),
        async (Prefix, Delimiter, pageSize) => {
          const whole = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, Delimiter }));
          const found: (string | undefined)[] = [];
          for await (const page of paginateListObjectsV2({ client: s3, pageSize }, { Bucket, Prefix, Delimiter })) {
            expect(page.KeyCount).toBeLessThanOrEqual(pageSize);
            found.push(...(page.Contents ?? []).map(({ Key }) => Key), ...(page.CommonPrefixes ?? []).map((one) => one.Prefix));
          }
          const expected = [
            ...(whole.Contents ?? []).map(({ Key }) => Key),
            ...(whole.CommonPrefixes ?? []).map((one) => one.Prefix),
          ];
          expect(found.toSorted()).toEqual(expected.toSorted());
        },
      ),
      { numRuns: 30 },
    );
  });
});
