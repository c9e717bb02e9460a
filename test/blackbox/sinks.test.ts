import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand, StopLoggingCommand } from "@aws-sdk/client-cloudtrail";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";

const KEY = "a secret of more than 24 octets";
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const closers: (() => Promise<unknown> | void)[] = [];
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "opentrail-sinks-"));
  closers.push(() => rmSync(directory, { recursive: true }));
});

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A receiver of webhooks that is out of order when it is told to be. */
class Receiver {
  readonly records: CloudTrailRecord[] = [];
  readonly #server: Server;
  isDown = false;
  badSignatures = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = request.headers;
        const expected = createHmac("sha256", KEY)
          .update(`${String(id)}.${String(timestamp)}.${body}`)
          .digest("base64");
        if (signature !== `v1,${expected}`) this.badSignatures++;
        if (!this.isDown) this.records.push(...(JSON.parse(body) as { Records: CloudTrailRecord[] }).Records);
        response.writeHead(this.isDown ? 503 : 204).end();
      });
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function receiver(): Promise<{ receiver: Receiver; url: string }> {
  const receiver = new Receiver();
  const url = await receiver.open();
  closers.push(() => receiver.close());
  return { receiver, url };
}

async function start(delivery: object, dataDir?: string): Promise<OpenTrailProcess> {
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, JSON.stringify({ delivery: { flushSeconds: 1, ...delivery } }));
  return await startOpenTrail({ flags: ["--config", config], ...(dataDir === undefined ? {} : { dataDir }) });
}

const settings = (url: string) => ({ endpoint: url, region: "us-east-1", credentials });

async function makeQueues(url: string, from: number, to: number): Promise<void> {
  const sqs = new SQSClient(settings(url));
  for (let at = from; at <= to; at++) await sqs.send(new CreateQueueCommand({ QueueName: `queue-${at}` }));
  sqs.destroy();
}

/** Numbers of the queues in records of CreateQueue, each where it came first. */
const queues = (records: readonly CloudTrailRecord[]): readonly number[] => [
  ...new Set(
    records
      .filter((record) => record["eventName"] === "CreateQueue")
      .map((record) => Number(String(record["requestParameters"].queueName).slice("queue-".length))),
  ),
];
const numbers = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

const linesOf = (path: string): readonly CloudTrailRecord[] =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as CloudTrailRecord)
    : [];

test("webhook and file get every event in order, over a kill and an outage of the receiver; a trail's file gets what the trail takes", async () => {
  const { receiver: hook, url } = await receiver();
  const secretFile = join(directory, "secret");
  writeFileSync(secretFile, KEY);
  const all = join(directory, "all.ndjson");
  const ofTrail = join(directory, "trail.ndjson");
  const delivery = { webhooks: [{ url, secretFile }], ndjson: [{ path: all }, { path: ofTrail, trail: "audit" }] };
  const first = await start(delivery);
  closers.push(() => first.remove());
  await makeQueues(first.url, 1, 5);
  await until(async () => queues(hook.records).length === 5 || undefined, "the webhook has five");

  const s3 = new S3Client({ ...settings(first.url), forcePathStyle: true });
  const cloudTrail = new CloudTrailClient(settings(first.url));
  await s3.send(new CreateBucketCommand({ Bucket: "logs" }));
  await cloudTrail.send(new CreateTrailCommand({ Name: "audit", S3BucketName: "logs" }));
  await cloudTrail.send(new StartLoggingCommand({ Name: "audit" }));
  await makeQueues(first.url, 6, 10);
  hook.isDown = true;
  await makeQueues(first.url, 11, 15);
  await until(async () => queues(linesOf(ofTrail)).length === 10 || undefined, "the trail's file has ten");
  await first.stop("SIGKILL");

  const second = await start(delivery, first.dataDir);
  closers.push(() => second.stop());
  hook.isDown = false;
  await makeQueues(second.url, 16, 20);
  const again = new CloudTrailClient(settings(second.url));
  await again.send(new StopLoggingCommand({ Name: "audit" }));
  await makeQueues(second.url, 21, 22);
  await until(async () => queues(hook.records).length === 22 || undefined, "the webhook has all");
  await until(async () => queues(linesOf(all)).length === 22 || undefined, "the file has all");
  expect(queues(hook.records)).toEqual(numbers(1, 22));
  expect(hook.badSignatures).toBe(0);
  expect(queues(linesOf(all))).toEqual(numbers(1, 22));
  const taken = linesOf(ofTrail);
  expect(queues(taken)).toEqual(numbers(6, 20));
  expect(taken[0]!["eventName"]).toBe("StartLogging");
  await until(
    async () => linesOf(ofTrail).some((record) => record["eventName"] === "StopLogging") || undefined,
    "the trail's last event",
  );
  // One and the same record everywhere.
  const recorded = await second.events({ eventName: "CreateQueue" });
  for (const record of recorded) {
    expect(hook.records.find((one) => one["eventID"] === record["eventID"])).toEqual(record);
    expect(linesOf(all).find((one) => one["eventID"] === record["eventID"])).toEqual(record);
  }
  expect(recorded).toHaveLength(22);
  const metrics = await (await fetch(`${second.url}/_opentrail/metrics`)).text();
  const counted = (sink: string): number =>
    Number(new RegExp(`opentrail_sink_events\\{sink="${sink}[^"]*",outcome="delivered"\\} (\\d+)`).exec(metrics)?.[1]);
  expect(counted("webhook 127.0.0.1")).toBeGreaterThanOrEqual(22);
  expect(counted(`ndjson ${ofTrail}`)).toBeGreaterThanOrEqual(new Set(taken.map((record) => record["eventID"])).size);
});

test("standard output gets the events and nothing else", async () => {
  const config = join(directory, "opentrail.yaml");
  const dataDir = join(directory, "data");
  writeFileSync(config, JSON.stringify({ delivery: { ndjson: [{ path: "-" }] } }));
  const program = join(import.meta.dirname, "../../bin/opentrail.js");
  const child = spawn(process.execPath, [program, "serve", "--listen", "127.0.0.1:0", "--data-dir", dataDir, "--config", config]);
  let [out, log] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    const url = await until(async () => /ready at (\S+)/.exec(log)?.[1], "OpenTrail to be ready");
    await makeQueues(url, 1, 20);
    await until(async () => queues(parsed(out)).length === 20 || undefined, "all events on standard output");
    child.kill("SIGTERM");
    await ended;
    expect(out.endsWith("\n")).toBe(true);
    expect(queues(parsed(out))).toEqual(numbers(1, 20));
  } finally {
    child.kill("SIGKILL");
  }
});

const parsed = (text: string): readonly CloudTrailRecord[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as CloudTrailRecord);
