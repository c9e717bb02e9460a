/**
 * From answer to arrival: how long after a client holds the answer to a call its event is at a webhook, and in a queue behind an
 * EventBridge rule of the embedded account, at 100 calls a second. One process of OpenTrail, a trail that logs.
 *
 *   node bench/sinks.ts [seconds]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand } from "@aws-sdk/client-cloudtrail";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Client } from "undici";

const RATE = 100;
const WARM_UP = 2 * RATE;
const seconds = Number(process.argv[2] ?? 20);
const project = resolve(import.meta.dirname, "..");

/** Moments by request id. */
const answered = new Map<string, number>();
const atWebhook = new Map<string, number>();
const inQueue = new Map<string, number>();

interface Seen {
  readonly requestID?: string;
  readonly eventName?: string;
}

const webhook = createServer((request, response) => {
  const now = performance.now();
  let body = "";
  request.setEncoding("utf8").on("data", (text: string) => (body += text));
  request.on("end", () => {
    response.writeHead(204).end();
    for (const { requestID = "" } of (JSON.parse(body) as { Records: readonly Seen[] }).Records) atWebhook.set(requestID, now);
  });
});
await new Promise<void>((done) => webhook.listen(0, "127.0.0.1", done));

const directory = mkdtempSync(join(tmpdir(), "bench-sinks-"));
const config = join(directory, "opentrail.yaml");
const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`;
writeFileSync(config, JSON.stringify({ log: { level: "warn" }, delivery: { webhooks: [{ url }] } }));
const serve = ["bin/opentrail.js", "serve", "--listen", "127.0.0.1:0", "--data-dir", join(directory, "data"), "--config", config];
const child = spawn(process.execPath, serve, { cwd: project, stdio: ["ignore", "pipe", "inherit"] });
try {
  const endpoint = await new Promise<string>((done, fail) => {
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const found = /ready at (\S+)/.exec((out += chunk.toString()))?.[1];
      if (found !== undefined) done(found);
    });
    child.once("exit", (code) => fail(new Error(`opentrail ended with ${code}`)));
  });
  await measure(endpoint);
} finally {
  child.kill("SIGTERM");
  await new Promise((done) => child.once("exit", done));
  webhook.closeAllConnections();
  webhook.close();
  rmSync(directory, { recursive: true, force: true });
}

async function measure(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const settings = { endpoint, region: "us-east-1", credentials };
  const sqs = new SQSClient(settings);
  const queue = await makeTrailAndRule(settings, sqs);
  const stop = new AbortController();
  const receiving = receive(sqs, queue, stop.signal);
  await call(endpoint, WARM_UP + seconds * RATE);
  await sleep(2000);
  stop.abort();
  await receiving;
  sqs.destroy();
  console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}`);
  report("webhook", atWebhook);
  report("EventBridge rule to queue", inQueue);
}

/** URL of the queue that the rule sends to. */
async function makeTrailAndRule(
  settings: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { accessKeyId: string; secretAccessKey: string };
  },
  sqs: SQSClient,
): Promise<string> {
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const cloudTrail = new CloudTrailClient(settings);
  const events = new EventBridgeClient(settings);
  await s3.send(new CreateBucketCommand({ Bucket: "logs" }));
  await cloudTrail.send(new CreateTrailCommand({ Name: "bench", S3BucketName: "logs" }));
  await cloudTrail.send(new StartLoggingCommand({ Name: "bench" }));
  const Attributes = { VisibilityTimeout: "3600" };
  const { QueueUrl: queue = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "arrivals", Attributes }));
  const told = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ["QueueArn"] }));
  const pattern = { source: ["aws.sqs"], detail: { eventName: ["CreateQueue"] } };
  await events.send(new PutRuleCommand({ Name: "bench", EventPattern: JSON.stringify(pattern) }));
  await events.send(new PutTargetsCommand({ Rule: "bench", Targets: [{ Id: "queue", Arn: told.Attributes?.["QueueArn"] }] }));
  for (const client of [s3, cloudTrail, events]) client.destroy();
  return queue;
}

/** Calls at a steady rate, whatever the answers take. */
async function call(endpoint: string, count: number): Promise<void> {
  const client = new Client(endpoint, { pipelining: 1 });
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "AmazonSQS.CreateQueue",
    authorization:
      "AWS4-HMAC-SHA256 Credential=bench/20260302/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=00",
  };
  const body = JSON.stringify({ QueueName: "jobs" });
  const one = async (counts: boolean): Promise<void> => {
    const answer = await client.request({ path: "/", method: "POST", headers, body });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
    if (counts) answered.set(String(answer.headers["x-amzn-requestid"]), performance.now());
  };
  const started = performance.now();
  const calls: Promise<void>[] = [];
  for (let at = 0; at < count; at++) {
    const wait = started + (at * 1000) / RATE - performance.now();
    if (wait > 0) await sleep(wait);
    calls.push(one(at >= WARM_UP));
  }
  await Promise.all(calls);
  await client.close();
}

async function receive(sqs: SQSClient, queue: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const command = new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
    const { Messages: messages = [] } = await sqs.send(command, { abortSignal: signal }).catch(() => ({ Messages: [] }));
    const now = performance.now();
    for (const { Body: body = "{}" } of messages) {
      inQueue.set((JSON.parse(body) as { detail?: Seen }).detail?.requestID ?? "", now);
    }
  }
}

function report(name: string, arrived: ReadonlyMap<string, number>): void {
  const delays = [...answered].map(([id, at]) => (arrived.get(id) ?? Infinity) - at).toSorted((a, b) => a - b);
  const at = (q: number): string => (delays[Math.min(delays.length - 1, Math.floor(delays.length * q))] ?? NaN).toFixed(0);
  const missing = delays.filter((delay) => delay === Infinity).length;
  console.log(
    `${name}: ${delays.length} events, ${missing} missing; answer to arrival p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`,
  );
}
