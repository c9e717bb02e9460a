import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startOpenTrail } from "../support/opentrail-process.ts";
import { queryCall, send } from "../support/raw-call.ts";

const PROGRAM = join(resolve(import.meta.dirname, "../.."), "bin/opentrail.js");
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "opentrail-start-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const at = (...path: readonly string[]): string => join(directory, ...path);

/** Fails to start, and answers what was said: one message without a stack. */
async function refusal(...flags: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--log-level", "error", ...flags]);
  let [out, said] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    child.kill();
  });
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((done) => child.once("close", done));
  expect({ code, out, said }).toEqual({ code: 1, out: "", said: expect.not.stringMatching(/\n\s+at |node:internal/) });
  return said.trim();
}

/** A data directory in which something was recorded. */
async function used(): Promise<string> {
  const dataDir = at("data");
  mkdirSync(dataDir);
  const trail = await startOpenTrail({ dataDir });
  expect(await send(trail.url, queryCall("sts", "2011-06-15", "GetCallerIdentity", {}))).toBe(200);
  await trail.untilEvents({}, 1);
  expect(await trail.stop()).toBe(0);
  return dataDir;
}

test("a journal that was lost or restored alone", async () => {
  const dataDir = await used();
  rmSync(join(dataDir, "journal"), { recursive: true });
  expect(await refusal("--data-dir", dataDir)).toMatch(
    /reader history stands at position 1, but the journal ends at 0.*Restore the whole directory.*data\/history\) away/,
  );
  rmSync(join(dataDir, "history"), { recursive: true });
  const trail = await startOpenTrail({ dataDir });
  expect(await trail.events()).toEqual([]);
  await trail.stop();
});

test.each([
  ["history", (dataDir: string) => join(dataDir, "history", "buffer.db"), "history/buffer.db is broken"],
  ["identities", (dataDir: string) => join(dataDir, "identities.sqlite"), "identities.sqlite: SQLite says"],
  ["key", (dataDir: string) => join(dataDir, "identities.key"), "identities.key is not a key file"],
  [
    "journal",
    (dataDir: string) => {
      const [segment = ""] = readdirSync(join(dataDir, "journal")).filter((name) => name.endsWith(".segment"));
      return join(dataDir, "journal", segment);
    },
    ".segment, offset 0: segment header damaged",
  ],
])("stored data that is broken: %s", async (_name, file, said) => {
  const dataDir = await used();
  writeFileSync(file(dataDir), "neither a database nor a segment, nor a key".repeat(100));
  expect(await refusal("--data-dir", dataDir)).toContain(said);
});

test("a data directory that cannot be one", async () => {
  writeFileSync(at("file"), "");
  expect(await refusal("--data-dir", at("file", "data"))).toMatch(/^Cannot use .*file\/data: ENOTDIR/);
});

test.each([
  ["certificates that are not there", "nowhere.pem", /^Cannot use .*nowhere\.pem: ENOENT/],
  ["certificates that are none", "none.pem", /^Cannot use tls\.certificate and tls\.key: .*PEM/],
])("%s", async (_name, file, said) => {
  writeFileSync(at("none.pem"), "no certificate");
  writeFileSync(at("opentrail.yaml"), `tls: { certificate: "${at(file)}", key: "${at(file)}" }\n`);
  expect(await refusal("--data-dir", at("data"), "--config", at("opentrail.yaml"))).toMatch(said);
});
