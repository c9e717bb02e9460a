/**
 * The gateway beside nginx and HAProxy as plain proxies before the same upstream, in one run: throughput and latency of small
 * calls, in the steps of which our work is made; bodies of 1 MB and 1 GB.
 *
 *   node bench/gateway.ts [small|bodies|large]...      needs wrk, nginx, haproxy and curl
 */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { startHaproxy, startNginxProxy, startNginxUpstream, startNode, type Peer } from "./gateway/peers.ts";
import { load, writeScript, type Load, type Request } from "./gateway/wrk.ts";

const SECONDS = 3;
const ROUNDS = 3;
const MEGABYTE = 1024 * 1024;
const parts = process.argv.slice(2);
const project = resolve(import.meta.dirname, "..");
const run = promisify(execFile);

const signed = (service: string): string =>
  `AWS4-HMAC-SHA256 Credential=AKIARZPUZDIKGB2VALC4/20260302/us-east-1/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`;

const json = (service: string, target: string, version: string, parameters: object): Request => ({
  name: target.slice(target.indexOf(".") + 1),
  method: "POST",
  path: "/",
  headers: {
    "Content-Type": `application/x-amz-json-${version}`,
    "X-Amz-Target": target,
    "X-Amz-Date": "20260302T100000Z",
    "User-Agent": `aws-sdk-js/3.1169.0 os/linux lang/js md/nodejs#26.10.0 api/${service}#3.1169.0`,
    Authorization: signed(service),
  },
  body: JSON.stringify(parameters),
});
const read = json("kms", "TrentService.DescribeKey", "1.1", { KeyId: "alias/jobs" });
const change = json("sqs", "AmazonSQS.CreateQueue", "1.0", { QueueName: "jobs", Attributes: { VisibilityTimeout: "30" } });

const object = (name: string, method: "GET" | "PUT"): Request => ({
  name,
  method,
  path: "/files/one-megabyte",
  headers: {
    "X-Amz-Date": "20260302T100000Z",
    "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
    Authorization: signed("s3"),
  },
  ...(method === "PUT" ? { bodyBytes: MEGABYTE } : {}),
});

const directory = mkdtempSync(join(tmpdir(), "bench-gateway-"));
const files = join(directory, "files");
// nginx's worker is another user.
chmodSync(directory, 0o755);
mkdirSync(files);
writeFileSync(join(files, "one-megabyte"), Buffer.alloc(MEGABYTE, "x"));
const open: Peer[] = [];

try {
  console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}`);
  const upstream = await opened(startNginxUpstream(directory, files, await freePort()));
  if (wanted("small")) await small(upstream);
  if (wanted("bodies")) await bodies(upstream);
  if (wanted("large")) await large(upstream);
} finally {
  await closeAll();
  rmSync(directory, { recursive: true, force: true });
}

/** Throughput at 32 and 64 connections, latency at one. */
async function small(upstream: Peer): Promise<void> {
  const subjects = new Map<string, Peer>([
    ["direct", upstream],
    ["nginx", await opened(startNginxProxy(directory, upstream.port, await freePort()))],
    ["HAProxy", await opened(startHaproxy(directory, upstream.port, await freePort()))],
  ]);
  for (const step of ["forwarding", "mapping", "record"]) subjects.set(step, await step_(step, upstream));
  subjects.set("durable", await openTrail(upstream));
  subjects.set("2 processes", await openTrail(upstream, "--capture-processes", "2"));
  for (const request of [read, change]) {
    const script = writeScript(directory, request);
    for (const connections of [1, 32, 64]) {
      const all = await inTurn(subjects, (peer) => load(script, peer.port, connections, SECONDS));
      const nginx = all.get("nginx");
      const direct = all.get("direct");
      console.log(`\n${request.name}, ${connections} connection${connections === 1 ? "" : "s"}`);
      console.log("                    calls/s  of nginx    p50 µs  added µs    p99 µs");
      for (const [name, { perSecond, p50, p99, errors }] of all) {
        const ratio = (perSecond / (nginx?.perSecond ?? Number.NaN)).toFixed(2);
        const columns = [perSecond.toFixed(0), ratio, p50.toFixed(0), (p50 - (direct?.p50 ?? 0)).toFixed(0), p99.toFixed(0)];
        console.log(`${name.padEnd(17)}${columns.map((text) => text.padStart(10)).join("")}${failed(errors)}`);
      }
    }
  }
  await closeAll([upstream]);
}

/** Up and down, 8 connections. */
async function bodies(upstream: Peer): Promise<void> {
  const sink = await opened(startNode([join(import.meta.dirname, "gateway/sink.ts")]));
  for (const [request, behind] of [
    [object("1 MB down", "GET"), upstream],
    [object("1 MB up", "PUT"), sink],
  ] as const) {
    const subjects = new Map<string, Peer>([
      ["direct", behind],
      ["nginx", await opened(startNginxProxy(directory, behind.port, await freePort()))],
      ["HAProxy", await opened(startHaproxy(directory, behind.port, await freePort()))],
      ["OpenTrail", await openTrail(behind)],
      ["data recorded", await openTrail(behind, "--history-data-events")],
    ]);
    const script = writeScript(directory, request);
    const all = await inTurn(subjects, (peer) => load(script, peer.port, 8, SECONDS));
    console.log(`\n${request.name}, 8 connections`);
    for (const [name, { perSecond, p50, errors }] of all) {
      const ratio = (perSecond / (all.get("nginx")?.perSecond ?? Number.NaN)).toFixed(2);
      const columns = [`${perSecond.toFixed(0)} MB/s`, ratio, `${p50.toFixed(0)} µs`];
      console.log(`${name.padEnd(17)}${columns.map((text) => text.padStart(12)).join("")}${failed(errors)}`);
    }
    await closeAll([upstream, sink]);
  }
}

/** 1 GB up and down, one connection, and what memory it takes. */
async function large(upstream: Peer): Promise<void> {
  await run("truncate", ["-s", "1G", join(files, "one-gigabyte")]);
  const sink = await opened(startNode([join(import.meta.dirname, "gateway/sink.ts")]));
  for (const [name, behind, flags] of [
    ["1 GB down", upstream, ["-o", "/dev/null"]],
    ["1 GB up", sink, ["-T", join(files, "one-gigabyte"), "-H", "Expect:", "-o", "/dev/null"]],
  ] as const) {
    const subjects = new Map<string, Peer>([
      ["direct", behind],
      ["nginx", await opened(startNginxProxy(directory, behind.port, await freePort()))],
      ["HAProxy", await opened(startHaproxy(directory, behind.port, await freePort()))],
      ["OpenTrail", await openTrail(behind, "--history-data-events")],
    ]);
    const all = await inTurn(subjects, async (peer) => {
      const url = `http://127.0.0.1:${peer.port}/files/one-gigabyte`;
      const headers = Object.entries(object(name, "GET").headers).flatMap(([key, value]) => ["-H", `${key}: ${value}`]);
      const { stdout } = await run("curl", ["-s", "-f", ...flags, ...headers, "-w", "\n%{time_total}", url]);
      const seconds = Number(stdout.trim().split("\n").at(-1));
      return { perSecond: 1024 / seconds, p50: seconds * 1e6, p99: 0, errors: 0 };
    });
    console.log(`\n${name}`);
    for (const [subject, { perSecond }] of all) {
      const ratio = (perSecond / (all.get("nginx")?.perSecond ?? Number.NaN)).toFixed(2);
      const peak = peakMegabytes(subjects.get(subject)?.pid ?? 0);
      console.log(
        `${subject.padEnd(17)}${`${perSecond.toFixed(0)} MB/s`.padStart(12)}${ratio.padStart(8)}   peak ${peak} MB resident`,
      );
    }
    await closeAll([upstream, sink]);
  }
}

/** Every subject once a round, so that a neighbour's burst does not decide; of each the run of median throughput. */
async function inTurn(
  subjects: ReadonlyMap<string, Peer>,
  measure: (peer: Peer) => Promise<Load>,
): Promise<ReadonlyMap<string, Load>> {
  const runs = new Map<string, Load[]>([...subjects.keys()].map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) for (const [name, peer] of subjects) runs.get(name)?.push(await measure(peer));
  const middle = (all: readonly Load[]): Load | undefined =>
    all.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(all.length / 2)];
  return new Map([...runs].map(([name, all]) => [name, middle(all) ?? { perSecond: 0, p50: 0, p99: 0, errors: 0 }]));
}

async function openTrail(behind: Peer, ...flags: readonly string[]): Promise<Peer> {
  const data = mkdtempSync(join(directory, "data-"));
  const upstream = `http://127.0.0.1:${behind.port}`;
  const serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--upstream", upstream, "--log-level", "warn"];
  return opened(startNode([join(project, "bin/opentrail.js"), ...serve, ...flags]));
}

async function step_(step: string, upstream: Peer): Promise<Peer> {
  return opened(startNode([join(import.meta.dirname, "gateway/steps.ts"), step, `http://127.0.0.1:${upstream.port}`]));
}

async function opened(peer: Promise<Peer>): Promise<Peer> {
  const started = await peer;
  open.push(started);
  return started;
}

async function closeAll(but: readonly Peer[] = []): Promise<void> {
  for (const peer of open.splice(0).reverse()) {
    if (but.includes(peer)) open.push(peer);
    else await peer.stop();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((found) => {
    server.listen(0, "127.0.0.1", () => found((server.address() as { port: number }).port));
  });
  await new Promise((closed) => server.close(closed));
  return port;
}

function wanted(part: string): boolean {
  return parts.length === 0 || parts.includes(part);
}

function failed(errors: number): string {
  return errors === 0 ? "" : `   ${errors} FAILED`;
}

function peakMegabytes(pid: number): string {
  return (Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024).toFixed(0);
}
