import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { childProcesses } from "../support/child-processes.ts";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";

const BUCKET = "trail-logs";
const CONNECTIONS = 6;

interface Status {
  readonly captureProcesses: { readonly running: number };
  readonly trails: readonly {
    readonly recorded: number;
    readonly delivered: number;
    readonly filtered: number;
    readonly pending: number;
    readonly expired: number;
  }[];
}

let directory: string;
let opentrail: OpenTrailProcess;
let agents: Agent[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "opentrail-config-"));
  writeFileSync(join(directory, "opentrail.yaml"), "capture: { processes: 2 }\ndelivery: { flushSeconds: 1 }\n");
  agents = [];
  opentrail = await start();
});
afterEach(async () => {
  for (const agent of agents) agent.destroy();
  await opentrail?.remove();
  rmSync(directory, { recursive: true });
});

const start = async (dataDir?: string): Promise<OpenTrailProcess> =>
  await startOpenTrail({
    flags: ["--config", join(directory, "opentrail.yaml")],
    ...(dataDir === undefined ? {} : { dataDir }),
  });

function settings() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  return {
    endpoint: opentrail.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    forcePathStyle: true,
    requestHandler: { httpAgent: agent },
  };
}

/** Writes so many objects and makes a queue for each, over connections that are dealt to both processes. */
async function calls(from: number, count: number): Promise<void> {
  const clients = Array.from({ length: CONNECTIONS }, () => ({ s3: new S3Client(settings()), sqs: new SQSClient(settings()) }));
  await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const { s3, sqs } = clients[at % CONNECTIONS]!;
      await s3.send(new PutObjectCommand({ Bucket: "files", Key: `object-${from + at}`, Body: "text" }));
      await s3.send(new PutObjectCommand({ Bucket: "other", Key: `object-${from + at}`, Body: "text" }));
      await sqs.send(new CreateQueueCommand({ QueueName: `queue-${from + at}` }));
    }),
  );
}

async function records(): Promise<readonly CloudTrailRecord[]> {
  const s3 = new S3Client(settings());
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "AWSLogs/" }));
  const found: CloudTrailRecord[] = [];
  for (const { Key = "" } of Contents.filter(({ Key }) => Key?.endsWith(".json.gz"))) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
    found.push(...(JSON.parse(text) as { Records: CloudTrailRecord[] }).Records);
  }
  return found;
}

async function settled(): Promise<Status["trails"][number]> {
  return await until(
    async () => {
      const [count] = (await opentrail.get<Status>("status")).trails;
      const { recorded = 0, delivered = 0, filtered = 0, pending = 0, expired = 0 } = count ?? {};
      // At any moment.
      expect(recorded).toBe(delivered + filtered + pending + expired);
      return count !== undefined && recorded > 0 && pending === 0 ? count : undefined;
    },
    "all to be delivered",
    30_000,
  );
}

const subjects = (all: readonly CloudTrailRecord[], name: string, member: string): readonly string[] =>
  all
    .filter(({ eventName, requestParameters }) => eventName === name && requestParameters?.bucketName !== BUCKET)
    .map(({ requestParameters }) => String(requestParameters[member]))
    .toSorted();
const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${name}-${at}`).toSorted();

test("two processes capture, one delivers: what is selected from StartLogging's answer on, once, over deaths of both kinds", async () => {
  const s3 = new S3Client(settings());
  for (const Bucket of [BUCKET, "files", "other"]) await s3.send(new CreateBucketCommand({ Bucket }));
  const cloudTrail = new CloudTrailClient(settings());
  await cloudTrail.send(new CreateTrailCommand({ Name: "all", S3BucketName: BUCKET }));
  const objects = [{ Type: "AWS::S3::Object", Values: ["arn:aws:s3:::files/"] }];
  const selectors = [{ ReadWriteType: "WriteOnly" as const, IncludeManagementEvents: true, DataResources: objects }];
  await cloudTrail.send(new PutEventSelectorsCommand({ TrailName: "all", EventSelectors: selectors }));
  await cloudTrail.send(new StartLoggingCommand({ Name: "all" }));
  // At once, through both.
  await calls(0, 30);
  await settled();

  // One of the two dies, and comes back: it knows what is selected.
  process.kill(childProcesses(opentrail.pid)[0] ?? 0, "SIGKILL");
  await until(async () => {
    const { captureProcesses } = await opentrail.get<Status>("status").catch(() => ({ captureProcesses: { running: 0 } }));
    return captureProcesses.running === 2 && opentrail.log().includes("started again") ? true : undefined;
  }, "the process to be there again");
  await calls(30, 30);

  // All die, with events that wait.
  await opentrail.stop("SIGKILL");
  opentrail = await start(opentrail.dataDir);
  await calls(60, 30);
  await new CloudTrailClient(settings()).send(new StopLoggingCommand({ Name: "all" }));
  await calls(90, 6);
  await until(async () => {
    const all = await records();
    return all.some(({ eventName }) => eventName === "StopLogging") ? true : undefined;
  }, "the last file");
  const { delivered } = await settled();
  const all = await records();
  expect(all.length).toBe(delivered);
  expect(new Set(all.map(({ eventID }) => eventID)).size).toBe(all.length);
  expect(subjects(all, "PutObject", "key")).toEqual(numbered("object", 90));
  expect(subjects(all, "CreateQueue", "queueName")).toEqual(numbered("queue", 90));
  expect(new Set(subjects(all, "PutObject", "bucketName"))).toEqual(new Set(["files"]));
  expect(opentrail.log()).not.toMatch(/"level":(?:50|60)/);
});
