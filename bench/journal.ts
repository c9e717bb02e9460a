/**
 * What the journal costs beside its alternatives: events per second, CPU and latency per append for 1, 64 and 512 concurrent
 * producers, each append one event of about 1.1 KB, durable before it counts; bytes on disk; time to open.
 * PostgreSQL, where it is installed, is driven by its own pgbench: whole seconds, a commit for each append.
 *
 *   node bench/journal.ts [directory on the disk to measure]
 */
import { randomBytes, randomUUID } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdCompressSync } from "node:zlib";
import { createLogger } from "../src/base/logger.ts";
import { openSegmentJournal } from "../src/journal/drivers/segments/open-segment-journal.ts";
import type { JournalEntry } from "../src/journal/journal.ts";
import { startPostgres } from "./journal/postgres.ts";

const SECONDS = 0.8;
const WARM_UP_SECONDS = 0.2;
/** The best of so many runs, in turn with the others, so that a neighbour's burst on the disk does not decide. */
const ROUNDS = 3;
const PRODUCERS = [1, 64, 512];

interface Subject {
  readonly append: (entry: JournalEntry) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

type Opener = (directory: string) => Promise<Subject>;

const logger = createLogger("warn");

/** The same group commit for every alternative: what arrives during a write is the next group. */
function groupCommit(write: (entries: readonly JournalEntry[]) => Promise<void> | void): Subject["append"] {
  let waiting: { entry: JournalEntry; resolve: () => void }[] = [];
  let running = false;
  const run = async (): Promise<void> => {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      const group = waiting;
      waiting = [];
      await write(group.map(({ entry }) => entry));
      for (const { resolve } of group) resolve();
    } while (waiting.length > 0);
    running = false;
  };
  return (entry) =>
    new Promise<void>((resolve) => {
      waiting.push({ entry, resolve });
      if (running) return;
      running = true;
      void run();
    });
}

const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const compressAsync = promisify(zstdCompress);

function plainLog(transform: (group: Buffer) => Promise<Buffer> | Buffer): Opener {
  return async (directory) => {
    const fd = fs.openSync(join(directory, "log"), "a");
    const write = promisify(fs.write);
    const sync = promisify(fs.fdatasync);
    const append = groupCommit(async (entries) => {
      await write(fd, await transform(Buffer.concat(entries.flatMap(({ head, body }) => [head, body]))));
      await sync(fd);
    });
    return { append, close: async () => fs.closeSync(fd) };
  };
}

function sqlite(schema: string, insert: (database: DatabaseSync) => (entries: readonly JournalEntry[]) => void): Opener {
  return async (directory) => {
    const database = new DatabaseSync(join(directory, "journal.sqlite"));
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec(schema);
    const write = insert(database);
    const append = groupCommit((entries) => {
      database.exec("BEGIN");
      write(entries);
      database.exec("COMMIT");
    });
    return { append, close: async () => database.close() };
  };
}

const subjects: Readonly<Record<string, Opener>> = {
  "own segments": async (directory) => {
    const journal = await openSegmentJournal({ directory, logger });
    return { append: (entry) => journal.append([entry]), close: () => journal.close() };
  },
  // As in service: readers at the head let it trim, so that little is ever compressed.
  "own segments, trimmed behind": async (directory) => {
    const journal = await openSegmentJournal({ directory, logger });
    const append = async (entry: JournalEntry): Promise<void> => {
      const position = await journal.append([entry]);
      if (position % 5_000 === 0) await journal.trim(position - 10_000);
    };
    return { append, close: () => journal.close() };
  },
  "SQLite, a row each": sqlite(
    "CREATE TABLE entries (position INTEGER PRIMARY KEY, kind TEXT, head BLOB, body BLOB)",
    (database) => {
      const statement = database.prepare("INSERT INTO entries (kind, head, body) VALUES (?, ?, ?)");
      return (entries) => {
        for (const { kind, head, body } of entries) statement.run(kind, head, body);
      };
    },
  ),
  "SQLite, a row per group": sqlite("CREATE TABLE blocks (first INTEGER PRIMARY KEY, entries BLOB)", (database) => {
    const statement = database.prepare("INSERT INTO blocks (entries) VALUES (?)");
    return (entries) => {
      statement.run(Buffer.concat(entries.flatMap(({ head, body }) => [head, body])));
    };
  }),
  "plain log": plainLog((group) => group),
  "plain log, zstd on the main thread": plainLog((group) => zstdCompressSync(group, zstd)),
  "plain log, zstd in the pool": plainLog((group) => compressAsync(group, zstd)),
};

const hex = (bytes: number): string => randomBytes(bytes).toString("hex");
const pick = <T>(...choices: readonly [T, ...T[]]): T => choices[Math.floor(Math.random() * choices.length)] ?? choices[0];

/** A management event as a busy account has them: few shapes and callers, ids and times all different. */
function event(): JournalEntry {
  const user = pick("alice", "deploy", "backup", "terraform");
  const [eventSource, eventName, parameter] = pick(
    [
      "ec2.amazonaws.com",
      "DescribeInstances",
      { instancesSet: { items: [{ instanceId: `i-0${hex(8)}` }] }, filterSet: {} },
    ] as const,
    [
      "s3.amazonaws.com",
      "GetBucketPolicy",
      { bucketName: `logs-${hex(4)}`, Host: `logs-${hex(4)}.s3.us-east-1.amazonaws.com` },
    ] as const,
    [
      "sts.amazonaws.com",
      "AssumeRole",
      { roleArn: `arn:aws:iam::123456789012:role/${user}`, roleSessionName: hex(6), durationSeconds: 3600 },
    ] as const,
    [
      "kms.amazonaws.com",
      "Decrypt",
      { encryptionContext: { "aws:s3:arn": `arn:aws:s3:::data-${hex(3)}` }, keyId: randomUUID() },
    ] as const,
  );
  const time = new Date(1_772_442_000_000 + Math.floor(Math.random() * 86_400_000)).toISOString().replace(/\.\d+/, "");
  const eventID = randomUUID();
  const record = {
    eventVersion: "1.11",
    userIdentity: {
      type: "AssumedRole",
      principalId: `AROARZPUZDIKEXAMPLE:${user}`,
      arn: `arn:aws:sts::123456789012:assumed-role/${user}/${user}`,
      accountId: "123456789012",
      accessKeyId: `ASIA${hex(8).toUpperCase()}`,
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: "AROARZPUZDIKEXAMPLE",
          arn: `arn:aws:iam::123456789012:role/${user}`,
          accountId: "123456789012",
          userName: user,
        },
        attributes: { creationDate: time, mfaAuthenticated: "false" },
      },
    },
    eventTime: time,
    eventSource,
    eventName,
    awsRegion: pick("us-east-1", "eu-central-1"),
    sourceIPAddress: `10.0.${Math.floor(Math.random() * 8)}.${Math.floor(Math.random() * 250)}`,
    userAgent: "aws-sdk-go-v2/1.36.3 os/linux lang/go#1.24.1 md/GOOS#linux md/GOARCH#arm64",
    requestParameters: parameter,
    responseElements: null,
    requestID: randomUUID(),
    eventID,
    readOnly: true,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: "123456789012",
    eventCategory: "Management",
    tlsDetails: { tlsVersion: "TLSv1.3", cipherSuite: "TLS_AES_128_GCM_SHA256", clientProvidedHostHeader: eventSource },
  };
  const head = JSON.stringify({ id: eventID, time, eventSource, eventName, user, readOnly: true });
  return { kind: "event", head: Buffer.from(head), body: Buffer.from(JSON.stringify(record)) };
}

const events = Array.from({ length: 20_000 }, event);
const entryBytes = events.reduce((sum, { head, body }) => sum + head.length + body.length, 0) / events.length;

interface Figures {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  readonly p50: number;
  readonly p99: number;
}

async function measure(open: Opener, directory: string, producers: number): Promise<Figures> {
  const subject = await open(directory);
  const latencies: number[] = [];
  let next = 0;
  const produceUntil = async (end: number, note: boolean): Promise<void> => {
    while (performance.now() < end) {
      const entry = events[next++ % events.length];
      if (entry === undefined) return;
      const started = performance.now();
      await subject.append(entry);
      if (note) latencies.push(performance.now() - started);
    }
  };
  const all = (seconds: number, note: boolean): Promise<unknown> => {
    const end = performance.now() + seconds * 1000;
    return Promise.all(Array.from({ length: producers }, () => produceUntil(end, note)));
  };
  await all(WARM_UP_SECONDS, false);
  const started = performance.now();
  const cpuStarted = process.cpuUsage();
  await all(SECONDS, true);
  const cpu = process.cpuUsage(cpuStarted);
  const seconds = (performance.now() - started) / 1000;
  await subject.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => (latencies[Math.floor(latencies.length * share)] ?? 0) * 1000;
  const count = latencies.length;
  return { perSecond: count / seconds, cpuMicroseconds: (cpu.user + cpu.system) / count, p50: at(0.5), p99: at(0.99) };
}

const root = fs.mkdtempSync(join(process.argv[2] ?? tmpdir(), "bench-journal-"));
const freshDirectory = (): string => fs.mkdtempSync(join(root, "run-"));
try {
  console.log(`events of ${Math.round(entryBytes)} B (head and body); best of ${ROUNDS} runs of ${SECONDS} s\n`);
  console.log("producers  journal                               events/s  ratio   CPU µs   p50 µs   p99 µs");
  const postgres = await startPostgres(root, entryBytes);
  if (postgres === undefined) console.log("(PostgreSQL is not installed)");
  for (const producers of PRODUCERS) {
    const best = new Map<string, Figures>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, open] of Object.entries(subjects)) {
        const directory = freshDirectory();
        const figures = await measure(open, directory, producers);
        fs.rmSync(directory, { recursive: true });
        if (figures.perSecond > (best.get(name)?.perSecond ?? 0)) best.set(name, figures);
      }
      const { perSecond, mean } = postgres?.appends(producers, 4) ?? { perSecond: 0, mean: 0 };
      if (perSecond > (best.get("PostgreSQL, a row each")?.perSecond ?? 0))
        best.set("PostgreSQL, a row each", { perSecond, cpuMicroseconds: Number.NaN, p50: mean, p99: Number.NaN });
    }
    const own = best.get("own segments")?.perSecond ?? Number.NaN;
    for (const [name, { perSecond, cpuMicroseconds, p50, p99 }] of best) {
      const numbers = [cpuMicroseconds.toFixed(1), p50.toFixed(0), p99.toFixed(0)].map((text) => text.padStart(9)).join("");
      const left = `${String(producers).padStart(9)}  ${name.padEnd(36)}${perSecond.toFixed(0).padStart(10)}`;
      console.log(`${left}${(perSecond / own).toFixed(2).padStart(7)}${numbers}`);
    }
  }
  await postgres?.stop();
  await size(100_000);
} finally {
  fs.rmSync(root, { recursive: true, force: true });
}

/** Bytes for each event in compressed segments, and how long opening takes. */
async function size(count: number): Promise<void> {
  const directory = freshDirectory();
  const journal = await openSegmentJournal({ directory, logger });
  for (let i = 0; i < count; i += 100) {
    await journal.append(Array.from({ length: 100 }, event));
  }
  const rawStarted = performance.now();
  while (
    fs.readdirSync(directory).filter((name) => name.endsWith(".segment")).length > 1 &&
    performance.now() - rawStarted < 10_000
  ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await journal.close();
  const names = fs.readdirSync(directory).sort();
  const sealedBytes = names
    .filter((name) => name.endsWith(".sealed"))
    .reduce((sum, name) => sum + fs.statSync(join(directory, name)).size, 0);
  const sealedEnd = Number(names.find((name) => name.endsWith(".segment"))?.slice(0, 20)) - 1;
  console.log(
    `\n${sealedEnd} events in compressed segments: ${(sealedBytes / sealedEnd).toFixed(0)} B each, of ${Math.round(entryBytes)} B`,
  );
  const started = performance.now();
  const reopened = await openSegmentJournal({ directory, logger });
  console.log(`opening ${reopened.status().last} events, every checksum checked: ${(performance.now() - started).toFixed(0)} ms`);
  const readStarted = performance.now();
  let read = 0;
  for (let batch = await reopened.read(0, 500); batch.length > 0; batch = await reopened.read(read, 500))
    read = batch.at(-1)?.position ?? read;
  const seconds = (performance.now() - readStarted) / 1000;
  console.log(`reading all of them from disk: ${(read / seconds).toFixed(0)} events/s`);
  await reopened.close();
}
