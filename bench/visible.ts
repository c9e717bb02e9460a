/**
 * From answer to visible object: how long after a client holds the answer to a call its event can be read in the trail's
 * bucket, at 100 calls a second, with files flushed after one second and after ten. One process of OpenTrail.
 *
 *   node bench/visible.ts [seconds]
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { startOpenTrail } from "../test/support/opentrail-process.ts";

const RATE = 100;
const seconds = Number(process.argv[2] ?? 20);

const answered = new Map<string, number>();
const delays: number[] = [];

/** A bucket that notes when it holds each event, and an IAM that says yes. */
const backend = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const id = randomUUID();
    if (request.method === "PUT" && /_CloudTrail_.*\.json\.gz/.test(request.url ?? "")) note(Buffer.concat(chunks));
    response.writeHead(200, { "x-amzn-requestid": id, "content-type": "text/xml" });
    response.end(request.method === "POST" ? "<CreateUserResponse/>" : "");
  });
});

function note(file: Buffer): void {
  const now = performance.now();
  const { Records } = JSON.parse(gunzipSync(file).toString()) as { Records: { requestID: string }[] };
  for (const { requestID } of Records) {
    const then = answered.get(requestID);
    if (then !== undefined) delays.push(now - then);
  }
}

const signed = (service: string): string =>
  `AWS4-HMAC-SHA256 Credential=test/20260302/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`;

async function cloudTrail(url: string, operation: string, input: object): Promise<void> {
  const headers = { authorization: signed("cloudtrail"), "x-amz-target": `CloudTrail_20131101.${operation}` };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(input) });
  if (!response.ok) throw new Error(await response.text());
}

async function call(url: string, name: string): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: signed("iam"), "content-type": "application/x-www-form-urlencoded" },
    body: `Action=CreateUser&Version=2010-05-08&UserName=${name}`,
  });
  await response.arrayBuffer();
  answered.set(response.headers.get("x-amzn-requestid") ?? "", performance.now());
}

await new Promise<void>((done) => backend.listen(0, "127.0.0.1", done));
const upstream = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}`);
for (const flushSeconds of [1, 10]) {
  const directory = mkdtempSync(join(tmpdir(), "bench-visible-"));
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, `delivery: { flushSeconds: ${flushSeconds}, eventBridge: "off" }\n`);
  const { url, remove } = await startOpenTrail({ flags: ["--config", config, "--upstream", upstream] });
  await cloudTrail(url, "CreateTrail", { Name: "bench", S3BucketName: "bucket" });
  await cloudTrail(url, "StartLogging", { Name: "bench" });
  answered.clear();
  delays.length = 0;
  const calls: Promise<void>[] = [];
  for (let number = 0, begun = performance.now(); number < RATE * seconds; number++) {
    await sleep(Math.max(0, begun + (number * 1000) / RATE - performance.now()));
    calls.push(call(url, `user-${number}`));
  }
  await Promise.all(calls);
  for (const deadline = Date.now() + 60_000; delays.length < calls.length && Date.now() < deadline;) await sleep(50);
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number): string => ((sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN) / 1000).toFixed(2);
  console.log(
    `flush after ${flushSeconds} s: ${calls.length} calls, ${sorted.length} seen in the bucket; ` +
      `p50 ${at(0.5)} s, p99 ${at(0.99)} s, worst ${at(1)} s after the answer`,
  );
  await remove();
  rmSync(directory, { recursive: true });
}
backend.closeAllConnections();
backend.close();
