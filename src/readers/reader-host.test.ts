import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogger } from "../base/logger.ts";
import { openSegmentJournal } from "../journal/drivers/segments/open-segment-journal.ts";
import type { Journal, JournalEntry, Position, StoredEntry } from "../journal/journal.ts";
import { type ReaderHost, type ReaderHostOptions, createReaderHost } from "./reader-host.ts";
import type { Reader } from "./reader.ts";

const logger = createLogger("silent");
let root: string;
let journal: Journal;
const hosts: ReaderHost[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "reader-host-"));
  journal = await openSegmentJournal({ directory: join(root, "journal"), logger, segmentBytes: 64 * 1024 });
});

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
  await journal.close();
  rmSync(root, { recursive: true, force: true });
});

const host = (readers: readonly Reader[], options: Partial<ReaderHostOptions> = {}): ReaderHost => {
  const host = createReaderHost({ journal, readers, logger, retryDelays: { first: 1, most: 20 }, ...options });
  hosts.push(host);
  return host;
};

const entry = (text: string): JournalEntry => ({ kind: "event", head: new Uint8Array(), body: Buffer.from(text) });
const append = (from: number, to: number, pad = 0): Promise<Position> =>
  journal.append(Array.from({ length: to - from + 1 }, (_, i) => entry(String(from + i).padEnd(pad))));
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Keeps the numbers it read and its position in one file, replaced in one step. */
class FileReader implements Reader {
  readonly name: string;
  readonly #path: string;
  #state: { position: Position; seen: number[] } = { position: 0, seen: [] };
  batches = 0;
  closed = false;
  /** Runs before a batch is applied. */
  before: (batch: readonly StoredEntry[]) => Promise<void> | void = () => {};

  constructor(name: string) {
    this.name = name;
    this.#path = join(root, `${name}.json`);
    if (existsSync(this.#path)) this.#state = JSON.parse(readFileSync(this.#path, "utf8"));
  }

  get seen(): readonly number[] {
    return this.#state.seen;
  }

  position(): Position {
    return this.#state.position;
  }

  async read(batch: readonly StoredEntry[]): Promise<void> {
    this.batches++;
    await this.before(batch);
    const seen = [...this.#state.seen, ...batch.map((entry) => Number(Buffer.from(entry.body).toString()))];
    const state = { position: batch.at(-1)!.position, seen };
    writeFileSync(`${this.#path}.tmp`, JSON.stringify(state));
    renameSync(`${this.#path}.tmp`, this.#path);
    this.#state = state;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

test("every reader gets every entry once, in order, across restarts of the host", async () => {
  await append(1, 50);
  const first = host([new FileReader("a"), new FileReader("b")], { batchLimit: 7 });
  await first.caughtUp(50);
  await append(51, 60);
  await first.caughtUp(60);
  await first.close();
  await append(61, 100);
  const [a, b, late] = [new FileReader("a"), new FileReader("b"), new FileReader("late")];
  expect(a.position()).toBe(60);
  await host([a, b, late], { batchLimit: 7 }).caughtUp(100);
  for (const reader of [a, b, late]) expect(reader.seen).toEqual(numbers(1, 100));
});

test("entries that follow each other closely are read together, and what is behind is read without waiting", async () => {
  // A minute of gathering that is never waited for: 30 entries were there before, the host closes after.
  await append(1, 30);
  const behind = new FileReader("behind");
  const slow = host([behind], { batchLimit: 7, gatherMilliseconds: 60_000 });
  await slow.caughtUp(30);
  expect(behind.batches).toBe(5);
  await append(31, 31);
  await slow.close();
  expect(behind.seen).toEqual(numbers(1, 30));

  const gathering = new FileReader("gathering");
  const gatherer = host([gathering], { gatherMilliseconds: 250 });
  await gatherer.caughtUp(31);
  for (let number = 32; number <= 51; number += 1) await append(number, number);
  await gatherer.caughtUp(51);
  expect(gathering.seen).toEqual(numbers(1, 51));
  expect(gathering.batches).toBeLessThan(10);
});

test("a reader that fails is tried again with growing waits, counted and shown; the others go on", async () => {
  const [good, bad] = [new FileReader("good"), new FileReader("bad")];
  const failedAt: number[] = [];
  let broken = true;
  bad.before = () => {
    if (broken) throw new Error("no such bucket");
  };
  const observer = { failure: (name: string) => name === "bad" && failedAt.push(performance.now()) };
  const both = host([good, bad], { observer, retryDelays: { first: 10, most: 40 } });
  await append(1, 20);
  await expect.poll(() => failedAt.length).toBeGreaterThanOrEqual(5);
  expect(good.seen).toEqual(numbers(1, 20));
  const lag = both.lags().find((lag) => lag.name === "bad")!;
  expect(lag).toMatchObject({ position: 0, lag: 20, problem: "no such bucket" });
  expect(lag.failures).toBeGreaterThanOrEqual(5);
  const waits = failedAt.slice(1).map((at, i) => at - failedAt[i]!);
  expect(waits[0]!).toBeGreaterThan(7);
  expect(waits[2]!).toBeGreaterThan(29);
  broken = false;
  await both.caughtUp(20);
  expect(bad.seen).toEqual(numbers(1, 20));
  expect(both.lags()).toEqual([
    { name: "good", position: 20, lag: 0, failures: 0, problem: undefined },
    { name: "bad", position: 20, lag: 0, failures: 0, problem: undefined },
  ]);
});

test("a reader that does not store its position is an error, not an endless loop", async () => {
  const stuck: Reader = { name: "stuck", position: () => 0, read: () => {}, close: async () => {} };
  const stuckHost = host([stuck]);
  await append(1, 3);
  await expect.poll(() => stuckHost.lags()[0]?.problem).toContain("stands at 0");
});

test("caughtUp waits for the slowest, and is rejected when the host closes", async () => {
  const slow = new FileReader("slow");
  const { promise, resolve } = Promise.withResolvers<void>();
  slow.before = () => promise;
  const both = host([new FileReader("quick"), slow]);
  await append(1, 5);
  let reached = false;
  const waiting = both.caughtUp(5).then(() => (reached = true));
  await expect.poll(() => both.lags()[0]?.lag).toBe(0);
  expect(reached).toBe(false);
  resolve();
  await waiting;
  await both.caughtUp(3);
  const never = expect(both.caughtUp(6)).rejects.toThrow("closed");
  await both.close();
  await never;
});

test("close finishes the batch in hand, takes no further one, then closes the readers", async () => {
  const reader = new FileReader("a");
  const { promise, resolve } = Promise.withResolvers<void>();
  reader.before = () => promise;
  const one = host([reader], { batchLimit: 10 });
  await append(1, 100);
  await expect.poll(() => reader.batches).toBe(1);
  const closing = one.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(reader.closed).toBe(false);
  resolve();
  await closing;
  expect(reader.closed).toBe(true);
  expect(reader.batches).toBe(1);
  expect(new FileReader("a").seen).toEqual(numbers(1, 10));
});

test("close does not wait for a back-off to end", async () => {
  const reader = new FileReader("a");
  reader.before = () => {
    throw new Error("down");
  };
  const one = host([reader], { retryDelays: { first: 60_000, most: 60_000 } });
  await append(1, 1);
  await expect.poll(() => one.lags()[0]?.failures).toBe(1);
  await one.close();
  expect(reader.closed).toBe(true);
});

test("trims behind the slowest reader, in steps, and keeps a tail", async () => {
  const [quick, slow] = [new FileReader("quick"), new FileReader("slow")];
  const open = Promise.withResolvers<void>();
  slow.before = (batch) => (batch.at(-1)!.position > 600 ? open.promise : undefined);
  const trims: Position[] = [];
  const watched: Journal = {
    append: (entries) => journal.append(entries),
    read: (after, limit) => journal.read(after, limit),
    wait: (after, signal) => journal.wait(after, signal),
    status: () => journal.status(),
    close: () => journal.close(),
    trim: (upTo) => {
      trims.push(upTo);
      return journal.trim(upTo);
    },
  };
  const both = host([quick, slow], { journal: watched, batchLimit: 50, keepEntries: 200, trimStep: 150 });
  for (let i = 0; i < 20; i++) await append(i * 100 + 1, i * 100 + 100, 1000);
  await expect.poll(() => quick.position()).toBe(2000);
  await expect.poll(() => slow.position()).toBe(600);
  expect(Math.max(...trims)).toBeLessThanOrEqual(400);
  expect(journal.status().first).toBeLessThanOrEqual(401);
  open.resolve();
  await both.caughtUp(2000);
  await expect.poll(() => journal.status().first).toBeGreaterThan(1000);
  await both.close();
  expect(trims.at(-1)).toBeLessThanOrEqual(1800);
  expect(trims.at(-1)).toBeGreaterThan(1500);
  for (const [i, upTo] of trims.entries()) expect(upTo - (trims[i - 1] ?? 0)).toBeGreaterThanOrEqual(150);
  expect(slow.seen).toEqual(numbers(1, 2000));
});

test("trims nothing that somebody else needs, however far the readers are", async () => {
  let needed: Position = 300;
  const reader = new FileReader("quick");
  const options = { keepEntries: 0, trimStep: 50, batchLimit: 50, keepFrom: () => needed };
  const running = host([reader], options);
  for (let i = 0; i < 10; i++) await append(i * 100 + 1, i * 100 + 100, 1000);
  await running.caughtUp(1000);
  expect(journal.status().first).toBeLessThanOrEqual(300);
  expect((await journal.read(299, 1)).map(({ position }) => position)).toEqual([300]);
  needed = Infinity;
  await append(1001, 1100, 1000);
  await expect.poll(() => journal.status().first).toBeGreaterThan(300);
});

test("a new reader begins behind what was trimmed, and the gap is counted", async () => {
  for (let i = 0; i < 10; i++) await append(i * 100 + 1, i * 100 + 100, 1000);
  await journal.trim(700);
  const { first } = journal.status();
  expect(first).toBeGreaterThan(1);
  const skipped: number[] = [];
  const reader = new FileReader("new");
  await host([reader], { observer: { skipped: (_, entries) => skipped.push(entries) } }).caughtUp(1000);
  expect(reader.seen).toEqual(numbers(first, 1000));
  expect(skipped).toEqual([first - 1]);
});

test("what was trimmed before a reader that went back could read it again is logged and counted", async () => {
  for (let i = 0; i < 10; i++) await append(i * 100 + 1, i * 100 + 100, 1000);
  await journal.trim(700);
  const { first } = journal.status();
  let position = 200;
  const back: Reader = {
    name: "back",
    position: () => position,
    read: (batch) => void (position = batch.at(-1)?.position ?? position),
    close: async () => {},
  };
  const said: string[] = [];
  const write = (line: string): void => void said.push(line);
  const skipped: number[] = [];
  const observer = { skipped: (_: string, entries: number) => void skipped.push(entries) };
  await host([back], { observer, logger: pino({ level: "error" }, { write }) }).caughtUp(1000);
  expect(skipped).toEqual([first - 1 - 200]);
  expect(said.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ reader: "back", from: 201, to: first - 1 })]);
});

test("readers come and go while the others run", async () => {
  await append(1, 30);
  const first = new FileReader("first");
  const running = host([first], { batchLimit: 7 });
  await running.caughtUp(30);
  const second = new FileReader("second");
  running.add(second);
  expect(() => running.add(new FileReader("second"))).toThrow("second");
  await running.caughtUp(30);
  expect(second.seen).toEqual(numbers(1, 30));
  expect(running.lags().map(({ name }) => name)).toEqual(["first", "second"]);

  await running.remove(second);
  expect(second.closed).toBe(true);
  await append(31, 40);
  await running.caughtUp(40);
  expect(first.seen).toEqual(numbers(1, 40));
  expect(second.seen).toEqual(numbers(1, 30));
  await running.remove(second);
  const again = new FileReader("second");
  running.add(again);
  await running.caughtUp(40);
  expect(again.seen).toEqual(numbers(1, 40));
  const ahead: Reader = { name: "ahead", position: () => 41, read: () => {}, close: async () => {} };
  expect(() => running.add(ahead)).toThrow(/reader ahead stands at position 41/);
  await running.close();
  expect(again.closed).toBe(true);
  expect(() => running.add(new FileReader("late"))).toThrow("closed");
});

test("a reader that is removed ends what it waits for, and lets go of those who wait for it and of what it kept", async () => {
  const stuck: Reader & { closed?: boolean } = {
    name: "stuck",
    position: () => 0,
    read: (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("ended")))),
    close: async () => void (stuck.closed = true),
  };
  const quick = new FileReader("quick");
  const running = host([quick, stuck], { batchLimit: 100, keepEntries: 0, trimStep: 1 });
  for (let i = 0; i < 10; i++) await append(i * 100 + 1, i * 100 + 100, 1000);
  await expect.poll(() => quick.position()).toBe(1000);
  expect(journal.status().first).toBe(1);
  const waiting = running.caughtUp(1000);
  await running.remove(stuck);
  expect(stuck.closed).toBe(true);
  await waiting;
  await expect.poll(() => journal.status().first).toBeGreaterThan(500);
});

test("without readers nothing is trimmed", async () => {
  for (let i = 0; i < 10; i++) await append(i * 100 + 1, i * 100 + 100, 1000);
  const only = new FileReader("only");
  let needed: Position = 0;
  const running = host([only], { keepEntries: 0, trimStep: 1, keepFrom: () => needed });
  await running.caughtUp(1000);
  needed = Infinity;
  await running.remove(only);
  await append(1001, 1002);
  await running.close();
  expect(journal.status().first).toBe(1);
});

test("a reader ahead of the journal is refused", async () => {
  await append(1, 3);
  const ahead: Reader = { name: "ahead", position: () => 4, read: () => {}, close: async () => {} };
  expect(() => createReaderHost({ journal, readers: [ahead], logger })).toThrow(
    /reader ahead stands at position 4, but the journal ends at 3/,
  );
});

test("synchronous readers with much to do let other work in between batches", async () => {
  await append(1, 2000);
  const reader = new FileReader("busy");
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await host([reader], { batchLimit: 20 }).caughtUp(2000);
  counting = false;
  expect(reader.batches).toBeGreaterThanOrEqual(100);
  expect(turns).toBeGreaterThanOrEqual(reader.batches - 1);
});
