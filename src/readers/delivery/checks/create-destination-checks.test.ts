import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterEach, expect, test } from "vitest";
import { trailOf } from "../digest/digest-scene.test-support.ts";
import type { DestinationClients } from "../destination-clients.ts";
import type { PutSettings } from "../put-log-file.ts";
import { FakeS3 } from "../s3-fake.test-support.ts";
import { createDestinationChecks } from "./create-destination-checks.ts";

const closers: (() => Promise<void>)[] = [];
const ASIS: PutSettings = { acl: true, encryption: true };
const KEY = "11112222-3333-4444-5555-666677778888";

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function fakeS3(): Promise<FakeS3> {
  const s3 = new FakeS3();
  await s3.listen();
  closers.push(async () => await s3.close());
  return s3;
}

/** One key, `KEY` in us-east-1; keeps what it was asked. */
async function fakeKms(): Promise<{ readonly client: KMSClient; readonly asked: [string, Record<string, unknown>][] }> {
  const asked: [string, Record<string, unknown>][] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      const input = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      asked.push([operation, input]);
      const Arn = `arn:aws:kms:us-east-1:111122223333:key/${KEY}`;
      const known = input["KeyId"] === Arn || String(input["KeyId"]).endsWith(":alias/logs");
      const answer = operation === "DescribeKey" ? { KeyMetadata: { KeyId: KEY, Arn, Enabled: true } } : { KeyId: Arn };
      response.writeHead(known ? 200 : 400, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(known ? answer : { __type: "NotFoundException", message: "no such key" }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new KMSClient({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxAttempts: 1,
    credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "none" },
  });
  closers.push(async () => {
    client.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return { client, asked };
}

function checksOf(clients: Partial<DestinationClients>, put = ASIS): ReturnType<typeof createDestinationChecks> {
  const all = clients as DestinationClients;
  return createDestinationChecks({ clients: all, put, requireBucketPolicy: false, organizationOf: () => undefined });
}

const signal = new AbortController().signal;

test.each([
  [ASIS, ["bucket-owner-full-control", "AES256"]],
  [{ acl: false, encryption: false }, [undefined, undefined]],
])("the marker is written as log files are: %j", async (put, wanted) => {
  const s3 = await fakeS3();
  const trail = trailOf({ accountId: "111122223333", s3KeyPrefix: "p", logFileValidationEnabled: true });
  await checksOf({ s3: () => s3.client() }, put).check(trail, undefined, signal);
  const markers = s3.puts.filter(({ key }) => key !== "");
  expect(markers.map(({ key }) => key)).toEqual([
    "p/AWSLogs/111122223333/CloudTrail/",
    "p/AWSLogs/111122223333/CloudTrail-Digest/",
  ]);
  for (const { body, headers } of markers) {
    expect(body).toHaveLength(0);
    expect(headers).toMatchObject({ "content-type": "application/json", "content-encoding": "gzip" });
    expect([headers["x-amz-acl"], headers["x-amz-server-side-encryption"]]).toEqual(wanted);
  }
});

test("a key is asked for with the context of the trail's files, and shown by its ARN; the marker is encrypted with it", async () => {
  const [s3, kms] = [await fakeS3(), await fakeKms()];
  const kmsKeyId = "arn:aws:kms:us-east-1:111122223333:alias/logs";
  const trail = trailOf({ accountId: "111122223333", homeRegion: "us-east-1", s3BucketName: "logs", s3KeyPrefix: "p", kmsKeyId });
  const checked = await checksOf({ s3: () => s3.client(), kms: () => kms.client }).check(trail, undefined, signal);
  const arn = `arn:aws:kms:us-east-1:111122223333:key/${KEY}`;
  expect(checked.kmsKeyId).toBe(arn);
  const EncryptionContext = {
    "aws:cloudtrail:arn": trail.arn,
    "aws:s3:arn": "arn:aws:s3:::logs/p/AWSLogs/111122223333/CloudTrail/",
  };
  expect(kms.asked).toEqual([
    ["DescribeKey", { KeyId: kmsKeyId }],
    ["GenerateDataKey", { KeyId: arn, KeySpec: "AES_256", EncryptionContext }],
  ]);
  const headers = s3.puts.find(({ key }) => key !== "")?.headers;
  expect(headers?.["x-amz-server-side-encryption-aws-kms-key-id"]).toBe(arn);
});

test.each([
  ["us-east-1:111122223333:key/99992222-3333-4444-5555-666677778888", "InsufficientEncryptionPolicyException"],
  ["us-east-1:111122223333:alias/none", "InsufficientEncryptionPolicyException"],
  ["us-east-1:111122223333:key/nonsense", "KmsKeyNotFoundException"],
  [`eu-west-1:111122223333:key/${KEY}`, "KmsKeyNotFoundException"],
])("the key %s is refused with %s, and nothing is written", async (key, code) => {
  const [s3, kms] = [await fakeS3(), await fakeKms()];
  const trail = trailOf({ homeRegion: "us-east-1", kmsKeyId: `arn:aws:kms:${key}` });
  const checks = checksOf({ s3: () => s3.client(), kms: () => kms.client });
  await expect(checks.check(trail, undefined, signal)).rejects.toMatchObject({ code });
  expect(s3.puts).toEqual([]);
});
