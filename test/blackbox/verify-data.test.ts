import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startOpenTrail } from "../support/opentrail-process.ts";
import { run, type Ran } from "../support/peers.ts";
import { authorization, queryCall, send } from "../support/raw-call.ts";
import { startBackend } from "../support/recorded-backend.ts";

const PROGRAM = join(resolve(import.meta.dirname, "../.."), "bin/opentrail.js");
const root = mkdtempSync(join(tmpdir(), "opentrail-verify-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const verify = async (dataDir: string, ...flags: readonly string[]): Promise<Ran> =>
  await run(process.execPath, [PROGRAM, "verify", "--data-dir", dataDir, ...flags], {});

const made = join(root, "made");
let copies = 0;
let beside: Ran;

function copy(): string {
  const directory = join(root, `copy-${copies++}`);
  cpSync(made, directory, { recursive: true });
  return directory;
}

/** A data directory in which a role's session was learned from a backend. */
async function learnedSession(): Promise<string> {
  const backend = await startBackend(() => ({
    headers: { "content-type": "text/xml" },
    body:
      '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>' +
      "<AssumedRoleUser><AssumedRoleId>AROAEXAMPLEEXAMPLE123:session-one</AssumedRoleId>" +
      "<Arn>arn:aws:sts::123456789012:assumed-role/deployer/session-one</Arn></AssumedRoleUser>" +
      "<Credentials><AccessKeyId>ASIAEXAMPLEEXAMPLE12</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>" +
      "<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>" +
      "</AssumeRoleResult></AssumeRoleResponse>",
  }));
  const dataDir = join(root, "learning");
  mkdirSync(dataDir);
  const trail = await startOpenTrail({ dataDir, flags: ["--upstream", backend.url] });
  const role = { RoleArn: "arn:aws:iam::123456789012:role/deployer", RoleSessionName: "session-one" };
  expect(await send(trail.url, queryCall("sts", "2011-06-15", "AssumeRole", role))).toBe(200);
  expect(await trail.stop()).toBe(0);
  await backend.close();
  return dataDir;
}

/** A data directory with something in each of its parts, left in order. */
beforeAll(async () => {
  const trail = await startOpenTrail({ dataDir: await learnedSession() });
  const call = async (method: "PUT" | "POST", path: string, service: string, headers: Record<string, string>, body: string) => {
    const response = await fetch(`${trail.url}${path}`, {
      method,
      headers: { authorization: authorization(service), ...headers },
      body,
    });
    expect(`${response.status} ${response.ok ? "" : await response.text()}`).toBe("200 ");
  };
  await call("PUT", "/bucket-one", "s3", {}, "");
  await call("PUT", "/bucket-one/object", "s3", {}, "an object's octets".repeat(100));
  const json = (target: string, version: string) => ({
    "content-type": `application/x-amz-json-${version}`,
    "x-amz-target": target,
  });
  await call("POST", "/", "sqs", json("AmazonSQS.CreateQueue", "1.0"), '{"QueueName":"queue-one"}');
  const target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail";
  await call("POST", "/", "cloudtrail", json(target, "1.1"), '{"Name":"trail-one","S3BucketName":"bucket-one"}');
  // More than a segment of event history.
  for (let i = 0; i < 150; i++) {
    const calls = Array.from({ length: 10 }, () => send(trail.url, queryCall("sts", "2011-06-15", "GetCallerIdentity", {})));
    await Promise.all(calls);
  }
  await trail.untilEvents({ eventName: "CreateQueue" });
  beside = await verify(trail.dataDir);
  expect(await trail.stop()).toBe(0);
  cpSync(trail.dataDir, made, { recursive: true });
  await trail.remove();
});

function changeByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  expect(at).toBeLessThan(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** Offset of the last occurrence. */
function place(path: string, what: string | Buffer): number {
  const at = readFileSync(path).lastIndexOf(what);
  expect(at).toBeGreaterThan(0);
  return at;
}

function only(directory: string, pattern: RegExp): string {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) => pattern.test(file));
  expect(names).toHaveLength(1);
  return join(directory, names[0]!);
}

/** CloudTrail leaves an empty object in a trail's bucket. */
function largest(directory: string): string {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name));
  return files.toSorted((a, b) => statSync(b).size - statSync(a).size)[0]!;
}

const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

test("beside a running server: says so, and what to do", () => {
  const said = /^journal +NOT CHECKED: .*in use by another process.*stop the server/;
  expect(beside).toMatchObject({ status: 2, stdout: expect.stringMatching(said) });
});

test("a sound directory, and none", async () => {
  const { status, stdout } = await verify(copy());
  expect(stdout).toMatch(/^journal +\d{4} entries \(positions 1 to \d{4}\) in \d segments?: sound\n/);
  expect(stdout).toMatch(/\nhistory +15\d\d events of 1 finished day file: sound\n/);
  expect(stdout).toMatch(/\ntrails +1 trail: sound\ndelivery +1 trail, 0 files to be sent: sound\n/);
  expect(stdout).toMatch(/\nidentities +[1-9].*: sound\nembedded +2 objects, 2 databases: sound\n$/);
  expect(status).toBe(0);
  const json = JSON.parse((await verify(copy(), "--json")).stdout);
  const journal = expect.objectContaining({ part: "journal", state: "sound", findings: [] });
  expect(json).toMatchObject({ state: "sound", parts: expect.arrayContaining([journal]) });
  expect(await verify(join(root, "nowhere"))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("There is no data directory"),
  });
});

describe("a changed byte is found in", () => {
  test.each<[kind: string, file: (dataDir: string) => string, at: (path: string) => number]>([
    ["the journal", (dir) => only(join(dir, "journal"), /segment$/), () => 1000],
    ["a finished day's events", (dir) => only(join(dir, "history/days"), /\.db$/), (path) => place(path, ZSTD) + 200],
    ["a finished day's database", (dir) => only(join(dir, "history/days"), /\.db$/), () => 100],
    ["the buffered events", (dir) => join(dir, "history/buffer.db"), (path) => place(path, ZSTD) + 60],
    ["a trail", (dir) => join(dir, "trails.sqlite"), (path) => place(path, '"homeRegion":"us-') + 14],
    ["an identity", (dir) => join(dir, "identities.sqlite"), (path) => place(path, "ASIA") + 60],
    ["an object", (dir) => largest(join(dir, "embedded/s3/bodies")), () => 700],
    ["the database of objects", (dir) => join(dir, "embedded/s3/s3.sqlite"), () => 100],
    ["the database of queues", (dir) => only(join(dir, "embedded/messaging"), /\.db$/), () => 100],
  ])("%s", async (_kind, file, at) => {
    const dataDir = copy();
    const path = file(dataDir);
    changeByte(path, at(path));
    const { status, stdout, stderr } = await verify(dataDir);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toContain(`\n${root}/${relative(root, path)}`);
    expect(stdout.split("\n").filter((line) => line.endsWith(": DAMAGED"))).toHaveLength(1);
    expect(stdout).toMatch(/\n {2}.*[Rr]estore/);
  });
});

test("identities under another key than theirs are found", async () => {
  const dataDir = copy();
  const path = join(dataDir, "identities.key");
  changeByte(path, readFileSync(path).length - 10);
  const { status, stdout } = await verify(dataDir);
  expect(status).toBe(1);
  expect(stdout).toMatch(/identities\.(sqlite|key).*(sealed under another key|not a key file)/);
});

test("damage of the journal keeps it from opening; set aside, it goes on with a gap that is shown", async () => {
  const dataDir = copy();
  changeByte(only(join(dataDir, "journal"), /segment$/), 40_000);
  const refused = await run(
    process.execPath,
    [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--data-dir", dataDir, "--log-level", "error"],
    {},
  );
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/the journal is damaged\. .*\.segment, offset \d+: block damaged/);
  expect(refused.stderr).toMatch(/Run "opentrail verify --data-dir .*opentrail verify --set-aside/);

  const aside = await verify(dataDir, "--set-aside");
  const said = /^Set aside .*segment\n +is kept as .*journal\/damaged\/.*; lost: entries? \d+( to \d+)?\njournal .*: sound\n/;
  expect(aside.stdout).toMatch(said);
  expect(aside).toEqual({ status: 0, stderr: "", stdout: expect.stringMatching(/\nembedded .*: sound\n$/) });
  expect(await verify(dataDir)).toEqual({ status: 0, stderr: "", stdout: expect.stringMatching(/\nembedded .*: sound\n$/) });

  // Event history reads across the gap, too.
  rmSync(join(dataDir, "history"), { recursive: true });
  const trail = await startOpenTrail({ dataDir });
  const { journal } = await trail.get<{ journal: { lost: object[]; last: number } }>("status");
  expect(journal.lost).toEqual([expect.objectContaining({ reason: expect.stringContaining("block damaged") })]);
  const status = await run(process.execPath, [PROGRAM, "status", "--endpoint", trail.url], {});
  expect(status.stdout).toMatch(/^lost +entries \d+ to \d+, set aside /m);
  expect(trail.log()).toContain("entries were lost to damage that was set aside");
  expect(await send(trail.url, queryCall("sts", "2011-06-15", "GetCallerIdentity", {}))).toBe(200);
  await trail.untilEvents({ eventName: "GetCallerIdentity" }, 1400);
  expect((await trail.get<{ journal: { last: number } }>("status")).journal.last).toBeGreaterThan(journal.last);
  expect(await trail.stop()).toBe(0);
});

test("a journal that was lost in part goes on behind what event history has seen", async () => {
  const dataDir = copy();
  const path = only(join(dataDir, "journal"), /segment$/);
  writeFileSync(path, readFileSync(path).subarray(0, 50_000));
  const found = await verify(dataDir);
  expect(found.status).toBe(1);
  expect(found.stdout).toMatch(/\npositions .*: DAMAGED\n/);
  expect(await verify(dataDir, "--set-aside")).toEqual({
    status: 0,
    stderr: "",
    stdout: expect.stringMatching(/\nembedded .*: sound\n$/),
  });
  const trail = await startOpenTrail({ dataDir });
  expect(await send(trail.url, queryCall("sts", "2011-06-15", "GetCallerIdentity", {}))).toBe(200);
  expect(await trail.stop()).toBe(0);
});

test("a journal that ends before the last change of a trail goes on behind it", async () => {
  const dataDir = copy();
  const ahead = 50_000;
  const trails = new DatabaseSync(join(dataDir, "trails.sqlite"));
  trails.exec(`UPDATE revisions SET after = ${ahead}`);
  trails.close();
  const found = await verify(dataDir);
  expect(found.status).toBe(1);
  expect(found.stdout).toMatch(/\npositions .*: DAMAGED\n/);
  expect(found.stdout).toContain(`trails.sqlite: a trail was changed at position ${ahead}, but the journal ends at`);
  await verify(dataDir, "--set-aside");
  expect(await verify(dataDir)).toMatchObject({ status: 0 });
  const trail = await startOpenTrail({ dataDir });
  expect(await send(trail.url, queryCall("sts", "2011-06-15", "GetCallerIdentity", {}))).toBe(200);
  expect((await trail.get<{ journal: { last: number } }>("status")).journal.last).toBeGreaterThan(ahead);
  expect(await trail.stop()).toBe(0);
});
