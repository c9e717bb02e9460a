import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TestAccount } from "../embedded-account.test-support.ts";
import { runningChecksum } from "./checksum.ts";
import { S3Lab } from "./s3-lab.test-support.ts";

const Bucket = "the-bucket";
const MIB = 1024 * 1024;
const parts = [Buffer.alloc(5 * MIB, "first"), Buffer.alloc(5 * MIB + 7, "second"), Buffer.from("last")];
const whole = Buffer.concat(parts);
let lab: S3Lab;
let account: TestAccount;
let s3: S3Client;

beforeAll(async () => {
  lab = await S3Lab.start();
  ({ account, s3 } = lab);
});
beforeEach(() => void (account.errors.length = 0));
afterAll(async () => await lab.stop());

const bodies = (): number => lab.bodies();

async function begin(Key: string, rest: object = {}): Promise<string> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...rest }));
  return UploadId!;
}

async function upload(Key: string, UploadId: string, PartNumber: number, Body: Buffer | string, rest: object = {}) {
  const {
    $metadata: _metadata,
    ServerSideEncryption: _sse,
    ...answer
  } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...rest }));
  return { PartNumber, ...answer } as CompletedPart;
}

async function complete(Key: string, UploadId: string, Parts: CompletedPart[], rest: object = {}) {
  return await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...rest }));
}

function sum(algorithm: string, bytes: Buffer): string {
  const running = runningChecksum(algorithm)!;
  running.update(bytes);
  return running.value();
}

describe("multipart uploads", () => {
  test("in parts, out in one, by ranges and by parts", async () => {
    const before = bodies();
    const Key = "three ü";
    const UploadId = await begin(Key, { ContentType: "text/plain", Metadata: { a: "b" }, Tagging: "t=1" });
    const third = await upload(Key, UploadId, 30, parts[2]!);
    await upload(Key, UploadId, 1, "replaced below");
    const first = await upload(Key, UploadId, 1, parts[0]!);
    const second = await upload(Key, UploadId, 2, parts[1]!);
    await upload(Key, UploadId, 40, "never listed");
    const answer = await complete(Key, UploadId, [first, second, third]);
    const digests = parts.map((part) => createHash("md5").update(part).digest());
    expect(answer).toMatchObject({
      ETag: `"${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-3"`,
      Key,
      Bucket,
      Location: expect.stringContaining("/the-bucket/three%20%C3%BC"),
    });
    expect(bodies()).toBe(before + 3);

    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(Buffer.from(await got.Body!.transformToByteArray()).equals(whole)).toBe(true);
    expect(got).toMatchObject({ ContentType: "text/plain", Metadata: { a: "b" }, TagCount: 1 });
    const Range = `bytes=${5 * MIB - 3}-${5 * MIB + 2}`;
    const across = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
    expect(await across.Body!.transformToString()).toBe(whole.subarray(5 * MIB - 3, 5 * MIB + 3).toString());
    const part = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 3 }));
    expect(await part.Body!.transformToString()).toBe("last");
    expect(part).toMatchObject({ PartsCount: 3, ContentRange: `bytes ${10 * MIB + 7}-${10 * MIB + 10}/${whole.length}` });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key, PartNumber: 4 }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 416 },
    });
    const attributes = await s3.send(
      new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ["ObjectParts", "ObjectSize"] }),
    );
    expect(attributes).toMatchObject({ ObjectParts: { TotalPartsCount: 3 }, ObjectSize: whole.length });

    await s3.send(new CopyObjectCommand({ Bucket, Key: "copied", CopySource: `${Bucket}/${encodeURIComponent(Key)}` }));
    const copied = await s3.send(new GetObjectCommand({ Bucket, Key: "copied" }));
    expect(Buffer.from(await copied.Body!.transformToByteArray()).equals(whole)).toBe(true);
    await expect(complete(Key, UploadId, [first])).rejects.toMatchObject({ name: "NoSuchUpload" });
  });

  test.each([
    ["CRC32", "FULL_OBJECT"],
    ["CRC32C", "FULL_OBJECT"],
    ["CRC64NVME", undefined],
    ["CRC32", undefined],
    ["SHA256", "COMPOSITE"],
  ] as const)("checksum %s, type %s", async (ChecksumAlgorithm, ChecksumType) => {
    const Key = `sum-${ChecksumAlgorithm}`;
    const algorithm = ChecksumAlgorithm.toLowerCase();
    const full = ChecksumAlgorithm === "CRC64NVME" || ChecksumType === "FULL_OBJECT";
    const sums = parts.map((part) => sum(algorithm, part));
    const expected = full
      ? sum(algorithm, whole)
      : `${sum(algorithm, Buffer.concat(sums.map((one) => Buffer.from(one, "base64"))))}-3`;
    const UploadId = await begin(Key, { ChecksumAlgorithm, ChecksumType });
    const done: CompletedPart[] = [];
    for (const [index, part] of parts.entries()) {
      const answer = await upload(Key, UploadId, index + 1, part, { [`Checksum${ChecksumAlgorithm}`]: sums[index] });
      expect(answer).toMatchObject({ [`Checksum${ChecksumAlgorithm}`]: sums[index] });
      done.push(answer);
    }
    const listed = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    expect(listed).toMatchObject({ ChecksumAlgorithm, ChecksumType: full ? "FULL_OBJECT" : "COMPOSITE" });
    if (full) {
      await expect(
        complete(Key, UploadId, done, {
          [`Checksum${ChecksumAlgorithm}`]: sum(algorithm, parts[2]!),
          ChecksumType: "FULL_OBJECT",
        }),
      ).rejects.toMatchObject({ name: "BadDigest" });
    }
    const wrong = { ...done[1], [`Checksum${ChecksumAlgorithm}`]: sums[0] } as CompletedPart;
    await expect(complete(Key, UploadId, [done[0]!, wrong])).rejects.toMatchObject({ name: "InvalidPart" });
    const answer = await complete(Key, UploadId, done);
    expect(answer).toMatchObject({
      [`Checksum${ChecksumAlgorithm}`]: expected,
      ChecksumType: full ? "FULL_OBJECT" : "COMPOSITE",
    });
    // The SDK itself holds a full checksum against the bytes.
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
    expect(got).toMatchObject({ [`Checksum${ChecksumAlgorithm}`]: expected });
    expect(Buffer.from(await got.Body!.transformToByteArray()).equals(whole)).toBe(true);
  });

  test("checksums that do not go together", async () => {
    const refused = { name: "InvalidRequest" };
    await expect(begin("x", { ChecksumAlgorithm: "SHA1", ChecksumType: "FULL_OBJECT" })).rejects.toMatchObject(refused);
    await expect(begin("x", { ChecksumAlgorithm: "CRC64NVME", ChecksumType: "COMPOSITE" })).rejects.toMatchObject(refused);
    await expect(begin("x", { ChecksumAlgorithm: "MD5" })).rejects.toMatchObject(refused);
    const before = bodies();
    const UploadId = await begin("x", { ChecksumAlgorithm: "SHA1" });
    await expect(upload("x", UploadId, 1, "x", { ChecksumAlgorithm: "CRC32" })).rejects.toMatchObject(refused);
    await expect(upload("x", UploadId, 1, "x", { ChecksumSHA1: sum("sha1", Buffer.from("y")) })).rejects.toMatchObject({
      name: "BadDigest",
    });
    expect(bodies()).toBe(before);
  });

  test("parts that do not fit", async () => {
    const Key = "misfit";
    const UploadId = await begin(Key);
    const small = await upload(Key, UploadId, 1, "small");
    const big = await upload(Key, UploadId, 2, parts[0]!);
    await expect(complete(Key, UploadId, [small, big])).rejects.toMatchObject({ name: "EntityTooSmall" });
    await expect(complete(Key, UploadId, [big, small])).rejects.toMatchObject({ name: "InvalidPartOrder" });
    await expect(complete(Key, UploadId, [big, big])).rejects.toMatchObject({ name: "InvalidPartOrder" });
    await expect(complete(Key, UploadId, [{ ...big, ETag: '"other"' }])).rejects.toMatchObject({ name: "InvalidPart" });
    await expect(complete(Key, UploadId, [{ ...big, PartNumber: 7 }])).rejects.toMatchObject({ name: "InvalidPart" });
    await expect(complete(Key, UploadId, [])).rejects.toMatchObject({ name: "MalformedXML" });
    await expect(complete(Key, UploadId, [big], { MpuObjectSize: 1 })).rejects.toMatchObject({ name: "InvalidRequest" });
    for (const number of [0, 10_001]) {
      await expect(upload(Key, UploadId, number, "x")).rejects.toMatchObject({ name: "InvalidArgument" });
    }
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "there already" }));
    await expect(complete(Key, UploadId, [big], { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
    // None of these has cost the upload anything.
    await complete(Key, UploadId, [big], { MpuObjectSize: 5 * MIB });
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(Buffer.from(await got.Body!.transformToByteArray()).equals(parts[0]!)).toBe(true);
  });

  test("aborting takes the parts along; another key or bucket has no such upload", async () => {
    const before = bodies();
    const UploadId = await begin("aborted");
    await upload("aborted", UploadId, 1, "x");
    await expect(upload("other", UploadId, 1, "x")).rejects.toMatchObject({ name: "NoSuchUpload" });
    expect(bodies()).toBe(before + 1);
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "aborted", UploadId }));
    expect(bodies()).toBe(before);
    await expect(upload("aborted", UploadId, 1, "x")).rejects.toMatchObject({ name: "NoSuchUpload" });
    await expect(s3.send(new ListPartsCommand({ Bucket, Key: "aborted", UploadId }))).rejects.toMatchObject({
      name: "NoSuchUpload",
      $metadata: { httpStatusCode: 404 },
    });
    expect(bodies()).toBe(before);
  });

  test("UploadPartCopy: all of it, and a range", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: parts[0]! }));
    const Key = "assembled";
    const UploadId = await begin(Key, { ChecksumAlgorithm: "CRC32C" });
    const copy = async (PartNumber: number, CopySourceRange?: string) => {
      const source = { Bucket, Key, UploadId, PartNumber, CopySource: `${Bucket}/source`, CopySourceRange };
      const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(source));
      return { PartNumber, ETag: CopyPartResult?.ETag, ChecksumCRC32C: CopyPartResult?.ChecksumCRC32C };
    };
    const done = [await copy(1), await copy(2, "bytes=1-4")];
    expect(done[1]).toEqual({
      PartNumber: 2,
      ETag: `"${createHash("md5").update(parts[0]!.subarray(1, 5)).digest("hex")}"`,
      ChecksumCRC32C: sum("crc32c", parts[0]!.subarray(1, 5)),
    });
    await expect(copy(3, `bytes=0-${5 * MIB}`)).rejects.toMatchObject({ name: "InvalidArgument" });
    await expect(copy(3, "bytes=4-1")).rejects.toMatchObject({ name: "InvalidArgument" });
    await expect(copy(3, "1-4")).rejects.toMatchObject({ name: "InvalidArgument" });
    await complete(Key, UploadId, done);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const expected = Buffer.concat([parts[0]!, parts[0]!.subarray(1, 5)]);
    expect(Buffer.from(await got.Body!.transformToByteArray()).equals(expected)).toBe(true);
    expect(account.errors).toEqual([]);
  });
});

describe("listings of uploads", () => {
  test("ListParts by pages", async () => {
    const UploadId = await begin("paged");
    for (const number of [5, 1, 3]) await upload("paged", UploadId, number, `part ${number}`);
    const ask = { Bucket, Key: "paged", UploadId, MaxParts: 2 };
    const first = await s3.send(new ListPartsCommand(ask));
    expect(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 6],
      [3, 6],
    ]);
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "3", StorageClass: "STANDARD" });
    const second = await s3.send(new ListPartsCommand({ ...ask, PartNumberMarker: first.NextPartNumberMarker }));
    expect(second.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([5]);
    expect(second.IsTruncated).toBe(false);
  });

  test("ListMultipartUploads by pages, several of one key, with prefixes; a bucket may go with its uploads", async () => {
    const Bucket = "uploads-only";
    await s3.send(new CreateBucketCommand({ Bucket }));
    const ids: string[] = [];
    for (const Key of ["a", "a", "a", "b/1", "b/2", "c"]) {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "x" }));
      ids.push(UploadId!);
    }
    const found: (string | undefined)[] = [];
    let KeyMarker: string | undefined;
    let UploadIdMarker: string | undefined;
    let IsTruncated: boolean | undefined = true;
    while (IsTruncated) {
      const page = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 2, KeyMarker, UploadIdMarker }));
      found.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      ({ IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page);
    }
    expect(found.toSorted()).toEqual(ids.toSorted());
    const folded = await s3.send(new ListMultipartUploadsCommand({ Bucket, Delimiter: "/", MaxUploads: 4 }));
    expect(folded).toMatchObject({ IsTruncated: true, NextKeyMarker: "b/", CommonPrefixes: [{ Prefix: "b/" }] });
    const rest = await s3.send(new ListMultipartUploadsCommand({ Bucket, Delimiter: "/", KeyMarker: "b/" }));
    expect(rest.Uploads?.map(({ Key }) => Key)).toEqual(["c"]);
    const behind = await s3.send(new ListMultipartUploadsCommand({ Bucket, KeyMarker: "a" }));
    expect(behind.Uploads?.map(({ Key }) => Key)).toEqual(["b/1", "b/2", "c"]);
    const before = bodies();
    await s3.send(new DeleteBucketCommand({ Bucket }));
    expect(bodies()).toBe(before - 6);
  });

  test("uploads under way survive a restart", async () => {
    const UploadId = await begin("restarted");
    const part = await upload("restarted", UploadId, 1, "before");
    await lab.restart();
    ({ s3 } = lab);
    await complete("restarted", UploadId, [part]);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "restarted" }));
    expect(await got.Body!.transformToString()).toBe("before");
  });
});
