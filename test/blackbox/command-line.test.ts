import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startOpenTrail, until, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { run, type Ran } from "../support/peers.ts";

const PROGRAM = join(resolve(import.meta.dirname, "../.."), "bin/opentrail.js");

let trail: OpenTrailProcess;

const opentrail = async (...arguments_: readonly string[]): Promise<Ran> =>
  await run(process.execPath, [PROGRAM, ...arguments_], { AWS_ENDPOINT_URL: trail.url });

/** A call as any client makes it: recorded as sts GetCallerIdentity or sqs CreateQueue of a region. */
async function call(action: string, region: string): Promise<void> {
  const service = action === "GetCallerIdentity" ? "sts" : "sqs";
  const response = await fetch(`${trail.url}/`, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260302/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00`,
      ...(service === "sqs"
        ? { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` }
        : { "content-type": "application/x-www-form-urlencoded" }),
    },
    body: service === "sqs" ? `{"QueueName":"in-${region}"}` : `Action=${action}&Version=2011-06-15`,
  });
  expect(response.status).toBe(200);
}

beforeAll(async () => {
  trail = await startOpenTrail();
  await call("GetCallerIdentity", "us-east-1");
  await call("CreateQueue", "us-east-1");
  await call("CreateQueue", "eu-west-1");
  await trail.untilEvents({ eventName: "CreateQueue" }, 2);
});
afterAll(async () => {
  await trail?.remove();
});

test("lookup finds by several attributes at once, by prefix and by text, in all regions", async () => {
  const lines = async (...flags: readonly string[]): Promise<readonly string[]> => {
    const { status, stdout, stderr } = await opentrail("lookup", ...flags);
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.split("\n").filter(Boolean);
  };
  expect(await lines()).toHaveLength(3);
  expect(await lines("--event-name", "Create*")).toHaveLength(2);
  expect(await lines("--event-name", "Create*", "--region", "eu-west-1")).toHaveLength(1);
  expect(await lines("--event-source", "sqs.amazonaws.com", "--read-only", "false", "--access-key-id", "test")).toHaveLength(2);
  expect(await lines("--text", "in-eu-west-1", "--from", "1h")).toHaveLength(1);
  expect(await lines("--limit", "2")).toHaveLength(2);
  const [line] = await lines("--event-name", "CreateQueue", "--region", "eu-west-1");
  expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}Z {2}eu-west-1 +sqs:CreateQueue +root +127\.0\.0\.1$/);
});

test("lookup --json prints whole records, one a line", async () => {
  const { stdout } = await opentrail("lookup", "--json");
  const records = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(records).toEqual(await trail.events());
});

test("status says what came in, and --json the same", async () => {
  const { stdout } = await opentrail("status");
  expect(stdout).toContain("in front of embedded account");
  expect(stdout).toMatch(/calls +3 = 3 recorded \+ 0 data calls not selected/);
  const status = JSON.parse((await opentrail("status", "--json")).stdout);
  expect(status).toMatchObject({ calls: { arrived: 3, recorded: 3 }, journal: { writable: true }, history: { events: 3 } });
});

test("metrics are Prometheus's, and say the same", async () => {
  const text = await (await fetch(`${trail.url}/_opentrail/metrics`)).text();
  expect(text).toMatch(/^opentrail_gateway_recorded_total 3$/m);
  expect(text).toMatch(/^opentrail_history_events 3$/m);
  expect(text).toMatch(/^opentrail_reader_lag_entries\{reader="history"\} 0$/m);
});

test("tail shows events as they happen", async () => {
  const child = spawn(process.execPath, [
    PROGRAM,
    "tail",
    "--json",
    "--count",
    "1",
    "--event-name",
    "CreateQueue",
    "--endpoint",
    trail.url,
  ]);
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  const ended = new Promise<number | null>((done) => child.once("exit", done));
  await until(async () => {
    const metrics = await trail.get<{ watching: number }>("status");
    return metrics.watching > 0 ? true : undefined;
  }, "tail to be connected");
  await call("GetCallerIdentity", "us-east-1");
  await call("CreateQueue", "us-west-2");
  expect(await ended).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ eventName: "CreateQueue", awsRegion: "us-west-2" });
});

test("what is wrong is said, with what to do", async () => {
  expect(await opentrail("lookup", "--endpoint", "http://127.0.0.1:9")).toMatchObject({
    status: 1,
    stderr: 'Nothing answers at http://127.0.0.1:9. Start it with "opentrail serve", or give --endpoint URL.\n',
  });
  expect(await opentrail("lookup", "--from", "yesterday")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('"yesterday" is no time'),
  });
  expect(await opentrail("lookup", "--category", "all")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('There is no category "all"'),
  });
  expect(await opentrail("lookup", "--read-only", "yes")).toMatchObject({
    status: 1,
    stderr: "readOnly must be true or false\n",
  });
  expect(await opentrail("serve", "--listen", "0.0.0.0:0")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("serves loopback addresses only"),
  });
  expect(await opentrail("serve", "--account-id", "12")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("accountId: must be twelve digits"),
  });
  const taken = new URL(trail.url).host;
  expect(await opentrail("serve", "--listen", taken, "--data-dir", `${trail.dataDir}-other`)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`${taken} is in use`),
  });
  expect(await opentrail("serve", "--listen", "127.0.0.1:0", "--data-dir", trail.dataDir)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("another process"),
  });
  expect((await opentrail("frobnicate")).status).not.toBe(0);
});

test("own paths refuse foreign names and other methods", async () => {
  const { hostname, port } = new URL(trail.url);
  const { request } = await import("node:http");
  const status = await new Promise((done) => {
    request({ hostname, port, path: "/_opentrail/events", headers: { host: "rebound.example" } }, (response) => {
      response.resume();
      done(response.statusCode);
    }).end();
  });
  expect(status).toBe(403);
  expect((await fetch(`${trail.url}/_opentrail/events`, { method: "DELETE" })).status).toBe(405);
  expect((await fetch(`${trail.url}/_opentrail/nothing`)).status).toBe(404);
  expect((await fetch(`${trail.url}/_opentrail/events?colour=red`)).status).toBe(400);
  const browser = await fetch(trail.url, { headers: { accept: "text/html" }, redirect: "manual" });
  expect(browser.headers.get("location")).toBe("/_opentrail/");
});
