/**
 * `opentrail validate-logs` beside `aws cloudtrail validate-logs`, on one bucket of 2,016 log files (24 hours, 20 records each) and
 * its digests, held by a bare S3 server in a process of its own: one that answers at once, and one that takes 10 ms to its first
 * byte, as S3 itself does at best. The same machine, in turn; wall-clock time of the whole command. `node bench/validate.ts`
 */
import { execFile, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { availableParallelism, cpus } from "node:os";
import { join, resolve } from "node:path";
import { TrailBucket } from "../src/serve/cli/validate-logs/trail-bucket.test-support.ts";
import { peer } from "../test/support/peers.ts";

const project = resolve(import.meta.dirname, "..");
const ROUNDS = 3;
const HOURS = 24;
const FILES_AN_HOUR = 84;
const LATENCIES = [0, 10];

if (process.argv[2] === "bucket") await serveBucket(Number(process.argv[3]));
else await measure();

async function serveBucket(latency: number): Promise<void> {
  const bucket = new TrailBucket();
  await bucket.listen();
  for (let hour = 0; hour < HOURS; hour += 1) {
    await bucket.hour(0, 0);
    for (let n = 0; n < FILES_AN_HOUR; n += 1) bucket.deliver(JSON.stringify({ Records: Array.from({ length: 20 }, record) }));
    await bucket.hour(0);
  }
  bucket.latency = latency;
  bucket.pageSize = 1000;
  console.log(JSON.stringify({ url: bucket.url, arn: bucket.trail.arn, end: new Date(bucket.now).toISOString() }));
}

/** About as long and as varied as one that AWS writes: 1.3 KB. */
function record(): object {
  return {
    eventVersion: "1.11",
    userIdentity: {
      type: "AssumedRole",
      principalId: randomUUID(),
      arn: `arn:aws:sts::111122223333:assumed-role/app/${randomUUID()}`,
    },
    eventTime: "2026-03-10T15:30:00Z",
    eventSource: "dynamodb.amazonaws.com",
    eventName: "DescribeTable",
    awsRegion: "us-east-1",
    sourceIPAddress: "203.0.113.7",
    userAgent: "aws-sdk-js/3.1169.0 ua/2.1 os/linux lang/js md/nodejs#26.10.0 api/dynamodb#3.1169.0",
    requestParameters: { tableName: `orders-${randomBytes(8).toString("hex")}`, padding: "x".repeat(400) },
    responseElements: null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: true,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: "111122223333",
    eventCategory: "Management",
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: "dynamodb.us-east-1.amazonaws.com",
    },
  };
}

async function measure(): Promise<void> {
  const aws = peer("aws");
  console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}`);
  for (const latency of LATENCIES) {
    const server = spawn(process.execPath, [join(import.meta.dirname, "validate.ts"), "bucket", String(latency)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [line] = (await once(server.stdout, "data")) as [Buffer];
      const { url, arn, end } = JSON.parse(line.toString()) as { url: string; arn: string; end: string };
      const flags = ["--trail-arn", arn, "--start-time", "2026-03-10T00:00:00Z", "--end-time", end];
      const times: Record<"stock" | "ours", number[]> = { stock: [], ours: [] };
      for (let round = 0; round < ROUNDS; round += 1) {
        if (aws !== undefined) times.stock.push(await timed(aws, ["cloudtrail", "validate-logs", ...flags], url));
        times.ours.push(await timed(process.execPath, [join(project, "bin/opentrail.js"), "validate-logs", ...flags], url));
      }
      const [stock, ours] = [median(times.stock), median(times.ours)];
      console.log(
        `first byte after ${latency} ms: aws ${stock.toFixed(2)} s, opentrail ${ours.toFixed(2)} s, ${(stock / ours).toFixed(1)} times as fast`,
      );
    } finally {
      server.kill();
    }
  }
}

/** Seconds. */
async function timed(program: string, arguments_: readonly string[], url: string): Promise<number> {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: "/nonexistent",
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "x",
    AWS_SECRET_ACCESS_KEY: "y",
    AWS_DEFAULT_REGION: "us-east-1",
  };
  const began = performance.now();
  const out = await new Promise<string>((done, fail) => {
    execFile(program, [...arguments_], { env }, (error, stdout, stderr) =>
      error === null ? done(stdout) : fail(new Error(`${program}: ${stderr}${stdout}`)),
    );
  });
  const all = HOURS * FILES_AN_HOUR;
  if (!out.includes(`${all}/${all} log files valid`)) throw new Error(`${program} did not find all valid: ${out}`);
  return (performance.now() - began) / 1000;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
