import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startOpenTrail } from "../support/opentrail-process.ts";
import { run } from "../support/peers.ts";
import { authorization, queryCall, send } from "../support/raw-call.ts";

const PROGRAM = join(resolve(import.meta.dirname, "../.."), "bin/opentrail.js");
const root = mkdtempSync(join(tmpdir(), "opentrail-broken-logs-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const made = join(root, "made");
/** Calls of users; what CloudTrail does at the bucket comes on top. */
const CALLS = 43;
let events = 0;

/** Trails and events as kill -9 leaves them: SQLite's logs have not been emptied. */
beforeAll(async () => {
  const trail = await startOpenTrail();
  expect(await send(trail.url, { service: "s3", line: "PUT /bucket-one" })).toBe(200);
  for (const name of ["trail-one", "trail-two"]) {
    const response = await fetch(trail.url, {
      method: "POST",
      headers: {
        authorization: authorization("cloudtrail"),
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail",
      },
      body: JSON.stringify({ Name: name, S3BucketName: "bucket-one" }),
    });
    expect(response.status).toBe(200);
  }
  for (let at = 0; at < CALLS - 3; at++) {
    expect(await send(trail.url, queryCall("sts", "2011-06-15", "GetCallerIdentity", {}))).toBe(200);
  }
  await trail.untilEvents({ eventName: "GetCallerIdentity" }, CALLS - 3);
  events = (await trail.events()).length;
  expect(events).toBeGreaterThanOrEqual(CALLS);
  await trail.stop("SIGKILL");
  cpSync(trail.dataDir, made, { recursive: true });
  rmSync(trail.dataDir, { recursive: true });
});

/** @returns A copy in which a bit of the first page of a log is flipped. */
function broken(database: string): { readonly dataDir: string; readonly log: string } {
  const dataDir = mkdtempSync(join(root, "copy-"));
  cpSync(made, dataDir, { recursive: true });
  const log = join(dataDir, `${database}-wal`);
  const octets = readFileSync(log);
  octets[32 + 24 + 1000]! ^= 4;
  writeFileSync(log, octets);
  return { dataDir, log };
}

test.each(["trails.sqlite", "history/buffer.db"])(
  "verify finds a flipped bit in the log of %s, and changes nothing",
  async (database) => {
    const { dataDir, log } = broken(database);
    for (const _ of ["once", "and again"]) {
      const { status, stdout } = await run(process.execPath, [PROGRAM, "verify", "--data-dir", dataDir], {});
      expect(stdout).toContain(`\n${log}, offset 32: a page of the log is broken and`);
      expect(stdout).toMatch(/\n {2}Restore the whole data directory/);
      expect(status).toBe(1);
    }
  },
);

test("serve says that trails are missing, in the log, in its status and in health, and goes on", async () => {
  const { dataDir, log } = broken("trails.sqlite");
  const trail = await startOpenTrail({ dataDir });
  const said = `${log}, offset 32: a page of the log is broken and`;
  expect(trail.log()).toContain(`damaged data: ${said}`);
  expect((await trail.get<{ damage: readonly string[] }>("status")).damage).toEqual([expect.stringContaining(said)]);
  expect(await trail.get("health")).toEqual({ status: "warning", message: expect.stringContaining(said) });
  const { stdout } = await run(process.execPath, [PROGRAM, "status", "--endpoint", trail.url], {});
  expect(stdout).toContain(`\nDAMAGED    ${said}`);
  await trail.untilEvents({}, events);
  expect(await trail.stop()).toBe(0);
});

test("event history reads again what a broken log has lost", async () => {
  const { dataDir, log } = broken("history/buffer.db");
  const trail = await startOpenTrail({ dataDir });
  expect(await trail.untilEvents({}, events)).toHaveLength(events);
  expect((await trail.get<{ damage: readonly string[] }>("status")).damage).toEqual([expect.stringContaining(log)]);
  expect(await trail.stop()).toBe(0);
});

test("after a kill nothing is said to be damaged", async () => {
  const dataDir = mkdtempSync(join(root, "copy-"));
  cpSync(made, dataDir, { recursive: true });
  const trail = await startOpenTrail({ dataDir });
  expect((await trail.get<{ damage: readonly string[] }>("status")).damage).toEqual([]);
  expect(await trail.get("health")).toEqual({ status: "ok" });
  expect(await trail.stop()).toBe(0);
});
