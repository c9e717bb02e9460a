import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { cpSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestAccount } from "../embedded-account.test-support.ts";
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

describe("checksums", () => {
  test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "%s is kept and told when asked for",
    async (algorithm) => {
      const sums = { CRC32: "y/Q5Jg==", CRC32C: "4waSgw==", CRC64NVME: "rosUhgp5mIg=" } as Record<string, string>;
      const hashed = (name: string): string => createHash(name).update("123456789").digest("base64");
      const value = sums[algorithm] ?? hashed(algorithm.toLowerCase());
      const answer = await put(`sum-${algorithm}`, "123456789", { [`Checksum${algorithm}`]: value });
      expect(answer).toMatchObject({ [`Checksum${algorithm}`]: value, ChecksumType: "FULL_OBJECT" });
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: `sum-${algorithm}`, ChecksumMode: "ENABLED" }));
      expect(head).toMatchObject({ [`Checksum${algorithm}`]: value });
      const attributes = await s3.send(
        new GetObjectAttributesCommand({
          Bucket,
          Key: `sum-${algorithm}`,
          ObjectAttributes: ["Checksum", "ETag", "ObjectSize", "StorageClass"],
        }),
      );
      expect(attributes).toMatchObject({
        Checksum: { [`Checksum${algorithm}`]: value, ChecksumType: "FULL_OBJECT" },
        ETag: createHash("md5").update("123456789").digest("hex"),
        ObjectSize: 9,
        StorageClass: "STANDARD",
      });
      const wrong = Buffer.from(value, "base64");
      wrong[0]! ^= 1;
      await expect(put("wrong", "123456789", { [`Checksum${algorithm}`]: wrong.toString("base64") })).rejects.toMatchObject({
        name: "BadDigest",
      });
    },
  );

  test("a stream goes aws-chunked, its checksum in the trailer", async () => {
    const before = bodies();
    const content = Buffer.alloc(300_000, "stream");
    const answer = await put("streamed", Readable.from([content.subarray(0, 100_000), content.subarray(100_000)]), {
      ContentLength: content.length,
      ChecksumAlgorithm: "CRC32",
      ContentEncoding: "gzip",
    });
    expect(answer.ChecksumCRC32).toBeDefined();
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "streamed" }));
    expect(got.ContentEncoding).toBe("gzip");
    expect(Buffer.from(await got.Body!.transformToByteArray())).toEqual(content);
    expect(bodies()).toBe(before + 1);
  });

  const chunked = (body: string, more: Record<string, string> = {}) =>
    raw(
      "PUT",
      `/${Bucket}/chunked`,
      {
        "content-encoding": "aws-chunked",
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "9",
        "x-amz-trailer": "x-amz-checksum-crc32c",
        ...more,
      },
      body,
    );

  test("aws-chunked by hand: right, wrong, missing, cut off, too short", async () => {
    const before = bodies();
    const data = "4\r\n1234\r\n5\r\n56789\r\n0\r\n";
    expect(await chunked(`${data}x-amz-checksum-crc32c:4waSgw==\r\n\r\n`)).toMatchObject({
      status: 200,
      headers: { "x-amz-checksum-crc32c": "4waSgw==" },
    });
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: "chunked" }));
    expect(got.ContentEncoding).toBeUndefined();
    expect(await got.Body!.transformToString()).toBe("123456789");
    const refused = async (body: string, code: string, more: Record<string, string> = {}) =>
      expect((await chunked(body, more)).body).toContain(`<Code>${code}</Code>`);
    await refused(`${data}x-amz-checksum-crc32c:AAAAAA==\r\n\r\n`, "BadDigest");
    await refused(`${data}\r\n`, "MalformedTrailerError");
    await refused("4\r\n1234\r\n5\r\n567", "IncompleteBody");
    await refused("4\r\n1234\r\n0\r\nx-amz-checksum-crc32c:4waSgw==\r\n\r\n", "IncompleteBody");
    await refused("!\r\n", "InvalidRequest");
    await refused("0\r\n\r\n", "EntityTooLarge", { "x-amz-decoded-content-length": String(6 * 1024 ** 3) });
    expect(bodies()).toBe(before + 1);
    expect(account.errors).toEqual([]);
  });

  test("Content-MD5", async () => {
    const md5 = createHash("md5").update("x").digest("base64");
    expect(await raw("PUT", `/${Bucket}/md5`, { "content-md5": md5 }, "x")).toMatchObject({ status: 200 });
    expect((await raw("PUT", `/${Bucket}/md5`, { "content-md5": md5 }, "y")).body).toContain("<Code>BadDigest</Code>");
    expect((await raw("PUT", `/${Bucket}/md5`, { "content-md5": "?" }, "y")).body).toContain("<Code>InvalidDigest</Code>");
  });
});

describe("addresses", () => {
  const scope =
    "X-Amz-Credential=AKID%2F20260302%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=ab";

  test("presigned PUT and GET, with headers that moved into the query and headers for the answer", async () => {
    const placed = await raw(
      "PUT",
      `/${Bucket}/presigned?${scope}&x-amz-meta-colour=red&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32`,
      { "content-type": "text/plain" },
      "by URL",
    );
    expect(placed.status).toBe(200);
    const got = await raw("GET", `/${Bucket}/presigned?${scope}&response-content-type=text%2Fhtml&response-expires=never`);
    expect(got).toMatchObject({
      status: 200,
      body: "by URL",
      headers: { "content-type": "text/html", expires: "never", "x-amz-meta-colour": "red" },
    });
  });

  test("nothing in a URL gets another header into an answer", async () => {
    await put("split", "x");
    const target = `/${Bucket}/split?${scope}&response-content-type=`;
    expect((await raw("GET", `${target}a%0D%0Aset-cookie:b`)).body).toContain("<Code>InvalidArgument</Code>");
    expect((await raw("GET", `${target}%E2%82%AC`)).body).toContain("<Code>InvalidArgument</Code>");
    const put2 = await raw("PUT", `/${Bucket}/split?${scope}&x-amz-meta-a=b%0D%0Ac`, {}, "y");
    expect(put2.body).toContain("<Code>InvalidArgument</Code>");
    expect(account.errors).toEqual([]);
  });

  test("the bucket in front of the host", async () => {
    const host = `${Bucket}.s3.localhost`;
    expect(await raw("PUT", "/in/front", { host }, "virtual")).toMatchObject({ status: 200 });
    expect(await text("in/front")).toBe("virtual");
    expect(await raw("GET", "/in/front", { host })).toMatchObject({ status: 200, body: "virtual" });
  });
});

describe("streams", () => {
  test("a reader keeps its bytes while the object is replaced and deleted; then the files go", async () => {
    const before = bodies();
    const content = Buffer.alloc(8 * 1024 * 1024, "long");
    await put("being-read", content);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "being-read" }));
    await put("being-read", "short");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "being-read" }));
    expect(Buffer.from(await Body!.transformToByteArray()).equals(content)).toBe(true);
    await expect.poll(bodies).toBe(before);
  });

  test("a reader that leaves lets go of the file", async () => {
    const before = bodies();
    await put("left", Buffer.alloc(8 * 1024 * 1024));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "left" }));
    (Body as Readable).destroy();
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "left" }));
    await expect.poll(bodies).toBe(before);
  });

  test("a writer that leaves leaves nothing", async () => {
    const before = bodies();
    const { port } = new URL(account.url);
    const sent = httpRequest({
      host: "127.0.0.1",
      port,
      method: "PUT",
      path: `/${Bucket}/half`,
      headers: { "content-length": "1000000" },
    });
    sent.on("error", () => {});
    sent.write(Buffer.alloc(500_000));
    await expect.poll(bodies).toBe(before + 1);
    sent.destroy();
    await expect.poll(bodies).toBe(before);
    await expect(text("half")).rejects.toMatchObject({ name: "NoSuchKey" });
    expect(account.errors).toEqual([]);
  });

  test("what 512 MiB in and out need in memory does not grow with them", async () => {
    const size = 512 * 1024 * 1024;
    const chunk = Buffer.alloc(65_536, 1);
    function* content(): Iterable<Buffer> {
      for (let sent = 0; sent < size; sent += chunk.length) yield chunk;
    }
    const held = (): number => {
      const { external, arrayBuffers, heapUsed } = process.memoryUsage();
      return external + arrayBuffers + heapUsed;
    };
    const before = held();
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, held())), 5);
    const { port } = new URL(account.url);
    const sent = httpRequest({
      host: "127.0.0.1",
      port,
      method: "PUT",
      path: `/${Bucket}/huge`,
      headers: { "content-length": size, "x-amz-sdk-checksum-algorithm": "CRC32" },
    });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      sent.on("response", (answer) => resolve(answer.resume().statusCode)).on("error", reject);
    });
    await pipeline(Readable.from(content()), sent);
    expect(await answered).toBe(200);
    let received = 0;
    const { body } = await fetch(`${account.url}/${Bucket}/huge`);
    for await (const piece of body!) received += piece.length;
    clearInterval(watch);
    expect(received).toBe(size);
    expect(most).toBeGreaterThan(0);
    // Buffers wait for the collector, which has no haste: the bound is loose, but half of what goes through.
    expect(most - before).toBeLessThan(size / 2);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "huge" }));
  });

  test("any bytes, anywhere cut, read back in any range", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200_000 }), fc.nat(), fc.nat(), async (content, from, length) => {
        await put("any", content);
        const first = from % content.length;
        const Range = `bytes=${first}-${first + length}`;
        const got = await s3.send(new GetObjectCommand({ Bucket, Key: "any", Range }));
        expect(Buffer.from(await got.Body!.transformToByteArray())).toEqual(
          Buffer.from(content.subarray(first, first + length + 1)),
        );
      }),
      { numRuns: 20 },
    );
  });
});

test("everything is there after a restart, but what a crash left behind", async () => {
  await put("kept", "still here", { Metadata: { a: "b" }, Tagging: "t=1" });
  // As it lies on the disk while the process runs is as a crash leaves it.
  const crashed = mkdtempSync(join(tmpdir(), "opentrail-crashed-"));
  cpSync(account.directory, crashed, { recursive: true });
  const orphan = join(crashed, "embedded/s3/bodies/orphan");
  writeFileSync(orphan, "never named");
  const other = await new TestAccount(crashed).start();
  try {
    const second = new S3Client({
      endpoint: other.url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    });
    const got = await second.send(new GetObjectCommand({ Bucket, Key: "kept" }));
    expect(await got.Body!.transformToString()).toBe("still here");
    expect(got).toMatchObject({ Metadata: { a: "b" }, TagCount: 1 });
    expect(readdirSync(join(crashed, "embedded/s3/bodies"))).not.toContain("orphan");
    writeFileSync(orphan, "in a store that was closed nothing is looked for");
    await other.restart();
    const again = await fetch(`${other.url}/${Bucket}/kept`);
    expect(await again.text()).toBe("still here");
    expect(readdirSync(join(crashed, "embedded/s3/bodies"))).toContain("orphan");
    second.destroy();
  } finally {
    await other.remove();
  }
});
