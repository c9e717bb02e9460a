import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { ACCOUNT, ALICE, verifiedConfig } from "../support/verified-config.ts";

const SERVICE = `    services:
      - principal: cloudtrail.amazonaws.com
        accessKeys: [{ id: AKIARZPUZDIKSERVICE2, secret: 9drTJvcXLB89EXAMPLELB8923FB892xMFI-trails }]`;
const DELIVERY = "delivery: { flushSeconds: 1 }";
const BUCKET = "trail-logs";

/** The backend checks signatures as AWS does: an OpenTrail of its own, with its embedded account. */
let back: OpenTrailProcess;
let front: OpenTrailProcess | undefined;

beforeEach(async () => {
  back = await startOpenTrail({ flags: ["--config", verifiedConfig(SERVICE)] });
});
afterEach(async () => {
  await front?.remove();
  front = undefined;
  await back?.remove();
});

async function start(config: string): Promise<string> {
  front = await startOpenTrail({ flags: ["--config", verifiedConfig(config), "--upstream", back.url] });
  return front.url;
}

const settings = (endpoint: string) => ({ endpoint, region: "us-east-1", credentials: ALICE, maxAttempts: 1 });
const s3Of = (endpoint: string): S3Client => new S3Client({ ...settings(endpoint), forcePathStyle: true });

interface TrailCount {
  readonly recorded: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly pending: number;
}

async function count(): Promise<TrailCount> {
  const [found] = (await front!.get<{ trails: readonly TrailCount[] }>("status")).trails;
  return found!;
}

/** The records of each log file, oldest file first. */
async function files(s3: S3Client): Promise<readonly (readonly CloudTrailRecord[])[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "AWSLogs/" }));
  const keys = Contents.map(({ Key = "" }) => Key).filter((key) => key.endsWith(".json.gz"));
  return await Promise.all(
    keys.toSorted().map(async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
      return (JSON.parse(text) as { Records: CloudTrailRecord[] }).Records;
    }),
  );
}

test("without a key for CloudTrail no trail is made, and the error says what is missing", async () => {
  const url = await start(DELIVERY);
  await s3Of(url).send(new CreateBucketCommand({ Bucket: BUCKET }));
  const made = new CloudTrailClient(settings(url)).send(new CreateTrailCommand({ Name: "all", S3BucketName: BUCKET }));
  await expect(made).rejects.toMatchObject({
    name: "InsufficientS3BucketPolicyException",
    message: expect.stringMatching(/InvalidAccessKeyId.*accounts\[\]\.services.*cloudtrail\.amazonaws\.com/),
  });
});

test("with one it delivers, as a service; a bucket that logs itself comes to rest", async () => {
  const url = await start(`${SERVICE}\n${DELIVERY}`);
  const s3 = s3Of(url);
  // What is read here must not be written there.
  const outside = s3Of(back.url);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const cloudTrail = new CloudTrailClient(settings(url));
  await cloudTrail.send(new CreateTrailCommand({ Name: "all", S3BucketName: BUCKET }));
  const objects = [{ Type: "AWS::S3::Object", Values: [`arn:aws:s3:::${BUCKET}/`] }];
  const selectors = [{ ReadWriteType: "All" as const, IncludeManagementEvents: true, DataResources: objects }];
  await cloudTrail.send(new PutEventSelectorsCommand({ TrailName: "all", EventSelectors: selectors }));
  await cloudTrail.send(new StartLoggingCommand({ Name: "all" }));
  await new SQSClient(settings(url)).send(new CreateQueueCommand({ QueueName: "jobs" }));
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "mine", Body: "text" }));

  // What is left is what delivery did itself.
  await until(async () => {
    const all = (await files(outside)).flat();
    const { pending } = await count();
    return all.some(({ requestParameters }) => requestParameters?.key === "mine") && pending > 0 ? true : undefined;
  }, "the files of what was called, and the events of their delivery");
  const before = await files(outside);
  await delay(4_000);
  expect((await files(outside)).length).toBe(before.length);

  await cloudTrail.send(new StopLoggingCommand({ Name: "all" }));
  const after = await until(async () => {
    const all = await files(outside);
    return all.flat().some(({ eventName }) => eventName === "StopLogging") ? all : undefined;
  }, "the last file");
  const records = after.flat();
  expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(records.length);
  const own = records.filter(({ eventName, userIdentity }) => eventName === "PutObject" && userIdentity.type === "AWSService");
  expect(own.length).toBe(before.length);
  expect(own[0]).toMatchObject({
    userIdentity: { type: "AWSService", invokedBy: "cloudtrail.amazonaws.com" },
    sourceIPAddress: "cloudtrail.amazonaws.com",
    userAgent: "cloudtrail.amazonaws.com",
    recipientAccountId: ACCOUNT,
    requestParameters: { bucketName: BUCKET, key: expect.stringContaining(`AWSLogs/${ACCOUNT}/CloudTrail/us-east-1/`) },
  });
  expect(await count()).toMatchObject({ delivered: records.length, pending: 0 });
  // The backend has checked the signature, and knows the same caller.
  const [put] = await back.untilEvents({ eventName: "GetBucketAcl" });
  expect(put).toMatchObject({ userIdentity: { type: "AWSService", invokedBy: "cloudtrail.amazonaws.com" } });
});
