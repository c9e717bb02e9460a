import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const PROJECT = resolve(import.meta.dirname, "../..");
const READY = /OpenTrail is ready at (\S+)/;

/** A running OpenTrail, seen only from outside: its command line, its endpoint, its own paths. */
export interface OpenTrailProcess {
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  /** What it wrote to standard error so far. */
  log(): string;
  get<Answer>(path: string): Promise<Answer>;
  /** Records that match the query of `/_opentrail/events`, newest first, all pages. */
  events(query?: Readonly<Record<string, string>>): Promise<readonly CloudTrailRecord[]>;
  /** Waits until at least `count` records match, then answers them. */
  untilEvents(query: Readonly<Record<string, string>>, count?: number): Promise<readonly CloudTrailRecord[]>;
  /** Resolves with its exit code, null where the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a record is whatever the tests find in it
export type CloudTrailRecord = Record<string, any>;

export interface StartOptions {
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Kept from an earlier run; else a new directory. */
  readonly dataDir?: string;
}

export async function startOpenTrail(options: StartOptions = {}): Promise<OpenTrailProcess> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "opentrail-"));
  const child = spawn(
    process.execPath,
    [join(PROJECT, "bin/opentrail.js"), "serve", "--listen", "127.0.0.1:0", "--data-dir", dataDir, ...(options.flags ?? [])],
    { cwd: dataDir, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NODE_ENV: "production", ...options.environment } },
  );
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-200_000);
  });
  const url = await readyUrl(child, () => log);

  const get = async <Answer>(path: string): Promise<Answer> => {
    const response = await fetch(`${url}/_opentrail/${path}`, { headers: operatorHeaders(dataDir) });
    if (!response.ok) throw new Error(`/_opentrail/${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const events = async (query: Readonly<Record<string, string>> = {}): Promise<readonly CloudTrailRecord[]> => {
    const found: CloudTrailRecord[] = [];
    const parameters = new URLSearchParams({ limit: "50", ...query });
    for (;;) {
      const page = await get<{ events: CloudTrailRecord[]; nextToken?: string }>(`events?${parameters}`);
      found.push(...page.events);
      if (page.nextToken === undefined) return found;
      parameters.set("nextToken", page.nextToken);
    }
  };

  return {
    url,
    dataDir,
    pid: child.pid ?? 0,
    log: () => log,
    get,
    events,
    async untilEvents(query, count = 1) {
      return await until(
        async () => {
          const found = await events(query);
          return found.length >= count ? found : undefined;
        },
        `${count} events matching ${JSON.stringify(query)}`,
      );
    },
    stop: (signal = "SIGTERM") => stop(child, signal),
    async remove() {
      await stop(child, "SIGTERM");
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Where callers are verified, the operator's token stands in the data directory. */
function operatorHeaders(dataDir: string): Record<string, string> {
  const file = join(dataDir, "operator.token");
  return existsSync(file) ? { authorization: `Bearer ${readFileSync(file, "utf8").trim()}` } : {};
}

async function readyUrl(child: ChildProcess, log: () => string): Promise<string> {
  return await new Promise((resolveUrl, reject) => {
    let out = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const url = READY.exec(out)?.[1];
      if (url !== undefined) resolveUrl(url);
    });
    child.once("exit", (code, signal) => {
      reject(new Error(`opentrail ended (${code ?? signal}) before it was ready:\n${out}${log()}`));
    });
  });
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return await new Promise((done) => {
    child.once("exit", (code) => done(code));
    child.kill(signal);
  });
}

/** Tries until something is there; what is waited for is named when time runs out. */
export async function until<Value>(
  attempt: () => Promise<Value | undefined>,
  what: string,
  milliseconds = 30_000,
): Promise<Value> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = await attempt();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`waited ${milliseconds} ms in vain for ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
