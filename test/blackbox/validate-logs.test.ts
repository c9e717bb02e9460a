import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand, StopLoggingCommand } from "@aws-sdk/client-cloudtrail";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { type Ran, run } from "../support/peers.ts";

const PROGRAM = join(resolve(import.meta.dirname, "../.."), "bin/opentrail.js");
const files = mkdtempSync(join(tmpdir(), "opentrail-validate-"));
let trail: OpenTrailProcess;
let s3: S3Client;
let arn: string;

beforeAll(async () => {
  const config = join(files, "opentrail.yaml");
  writeFileSync(config, "delivery: { flushSeconds: 0.2 }\n");
  trail = await startOpenTrail({ flags: ["--config", config] });
  const client = {
    endpoint: trail.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "logs" }));
  const cloudTrail = new CloudTrailClient(client);
  const input = { Name: "audit", S3BucketName: "logs", EnableLogFileValidation: true };
  arn = (await cloudTrail.send(new CreateTrailCommand(input))).TrailARN ?? "";
  await cloudTrail.send(new StartLoggingCommand({ Name: arn }));
  await cloudTrail.send(new StopLoggingCommand({ Name: arn }));
  // One when logging began, one when it had stopped.
  await until(async () => ((await keys("CloudTrail-Digest")).length === 2 ? true : undefined), "two digests");
});
afterAll(async () => {
  await trail?.remove();
  rmSync(files, { recursive: true });
});

async function keys(folder: string): Promise<readonly string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "logs" }));
  return Contents.map(({ Key = "" }) => Key).filter((key) => key.includes(`/${folder}/`) && !key.endsWith("/"));
}

const validate = async (...flags: readonly string[]): Promise<Ran> =>
  await run(process.execPath, [PROGRAM, "validate-logs", "--trail-arn", arn, "--start-time", "1h", ...flags], {
    AWS_ENDPOINT_URL: trail.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_DEFAULT_REGION: "us-east-1",
  });

test("the last digest of a trail that was stopped names the file with the event of the stop", async () => {
  const { status, stdout, stderr } = await validate();
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const [, count] = /\n2\/2 digest files valid\n(\d+)\/\1 log files valid\n$/.exec(stdout) ?? [];
  const logs = await keys("CloudTrail");
  expect(Number(count)).toBe(logs.length);
  const names: string[] = [];
  for (const key of logs) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "logs", Key: key }));
    const { Records } = JSON.parse(gunzipSync((await Body?.transformToByteArray()) ?? "").toString());
    names.push(...Records.map(({ eventName }: { eventName: string }) => eventName));
  }
  expect(names).toEqual(expect.arrayContaining(["StartLogging", "StopLogging"]));
});

test("a file that is edited is named, and the exit is 1", async () => {
  const [key = ""] = await keys("CloudTrail");
  await s3.send(new PutObjectCommand({ Bucket: "logs", Key: key, Body: gzipSync('{"Records":[]}') }));
  const { status, stderr } = await validate();
  expect({ status, stderr }).toEqual({ status: 1, stderr: `Log file\ts3://logs/${key}\tINVALID: hash value doesn't match\n\n` });
});

test("what cannot be asked for is said in a line", async () => {
  expect(await validate("--end-time", "2h")).toMatchObject({
    status: 1,
    stderr: "Invalid time range specified: start-time must occur before end-time\n",
  });
  expect((await validate("--s3-bucket", "nowhere")).stderr).toMatch(/^s3:\/\/nowhere: NoSuchBucket: /);
});
