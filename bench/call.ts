/**
 * What OpenTrail adds to a call, one that is recorded durably and a data call that nobody selected: the same small answer
 * fetched from an upstream directly and through OpenTrail, in turn, over one kept connection. Also: time from start to ready,
 * and resident memory when idle. `node bench/call.ts`
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";

const ROUNDS = 20;
const CALLS = 200;
const project = resolve(import.meta.dirname, "..");

const ANSWER = JSON.stringify({ QueueUrl: "http://127.0.0.1/000000000000/jobs" });

if (process.argv[2] === "upstream") {
  createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": crypto.randomUUID() });
      response.end(ANSWER);
    });
  }).listen(0, "127.0.0.1", function (this: { address(): unknown }) {
    console.log((this.address() as { port: number }).port);
  });
} else {
  await measure();
}

async function measure(): Promise<void> {
  const upstream = await started([join(import.meta.dirname, "call.ts"), "upstream"], /^(\d+)$/m);
  const direct = `http://127.0.0.1:${upstream.found}`;
  const dataDir = mkdtempSync(join(tmpdir(), "opentrail-bench-"));
  const serve = [
    "bin/opentrail.js",
    "serve",
    "--listen",
    "127.0.0.1:0",
    "--data-dir",
    dataDir,
    "--upstream",
    direct,
    "--log-level",
    "warn",
  ];
  const trail = await started(serve, /ready at (\S+)/);
  try {
    await sleep(2000);
    console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}`);
    console.log(`ready after ${trail.milliseconds.toFixed(0)} ms; idle: ${residentMegabytes(trail.pid)} MB resident`);

    const [past, through] = [new Client(direct), new Client(trail.found)];
    for (const [name, request] of Object.entries({ recorded: call("CreateQueue"), "not selected": call("ListQueues") })) {
      const [alone, added]: [number[], number[]] = [[], []];
      await timed(past, request, CALLS);
      await timed(through, request, CALLS);
      for (let round = 0; round < ROUNDS; round += 1) {
        alone.push(...(await timed(past, request, CALLS)));
        added.push(...(await timed(through, request, CALLS)));
      }
      const [a, b] = [quantiles(alone), quantiles(added)];
      console.log(
        `${name}: direct p50 ${a.p50} ms, p99 ${a.p99}; through OpenTrail p50 ${b.p50}, p99 ${b.p99}; added at the median ${(b.p50 - a.p50).toFixed(3)} ms`,
      );
    }
    await Promise.all([past.close(), through.close()]);
  } finally {
    process.kill(trail.pid, "SIGTERM");
    process.kill(upstream.pid, "SIGTERM");
    await sleep(500);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function call(operation: string): { path: string; method: "POST"; headers: Record<string, string>; body: string } {
  return {
    path: "/",
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `AmazonSQS.${operation}`,
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIARZPUZDIKGB2VALC4/20260302/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=00",
    },
    body: JSON.stringify({ QueueName: "jobs" }),
  };
}

async function timed(client: Client, request: ReturnType<typeof call>, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const start = performance.now();
    const { statusCode, body } = await client.request(request);
    await body.dump();
    if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
    times.push(performance.now() - start);
  }
  return times;
}

function quantiles(times: readonly number[]): { readonly p50: number; readonly p99: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (q: number): number => Number((sorted[Math.floor(sorted.length * q)] ?? 0).toFixed(3));
  return { p50: at(0.5), p99: at(0.99) };
}

async function started(
  arguments_: readonly string[],
  ready: RegExp,
): Promise<{ pid: number; found: string; milliseconds: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, [...arguments_], { cwd: project, stdio: ["ignore", "pipe", "inherit"] });
  return await new Promise((done, fail) => {
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const found = ready.exec(out)?.[1];
      if (found !== undefined) done({ pid: child.pid ?? 0, found, milliseconds: performance.now() - start });
    });
    child.once("exit", (code) => fail(new Error(`${arguments_[0]} ended with ${code}`)));
  });
}

function residentMegabytes(pid: number): string {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return (kilobytes / 1024).toFixed(0);
}
