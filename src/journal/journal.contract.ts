import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { createLogger, type Logger } from "../base/logger.ts";
import {
  type Journal,
  type JournalEntry,
  JournalTrimmed,
  JournalUnavailable,
  type Position,
  type StoredEntry,
} from "./journal.ts";

export interface JournalDriver {
  readonly open: (options: { directory: string; logger: Logger }) => Promise<Journal>;
  /** Where a child process finds `open`: the module's file URL and the name of a function of that signature. */
  readonly module: string;
  readonly exported: string;
}

const logger = createLogger("silent");

export function textEntry(text: string, kind: "event" | "intent" = "event"): JournalEntry {
  return { kind, head: Buffer.from(`{"of":${JSON.stringify(text.slice(0, 100))}}`), body: Buffer.from(text) };
}

export function textOf(entry: StoredEntry): string {
  return Buffer.from(entry.body).toString();
}

/** All entries after `after`, in batches of `limit`; checks that positions have no gaps. */
export async function readAll(journal: Journal, after: Position = 0, limit = 1000): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  for (;;) {
    const position = after + all.length;
    const batch = await journal.read(position, limit);
    if (batch.length === 0) return all;
    expect(batch.length).toBeLessThanOrEqual(limit);
    expect(batch.map((entry) => entry.position)).toEqual(batch.map((_, i) => position + 1 + i));
    all.push(...batch);
  }
}

/** What every journal driver promises. */
export function journalContract(name: string, driver: JournalDriver): void {
  describe(`journal contract: ${name}`, () => {
    const cleanups: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    });

    async function directory(): Promise<string> {
      const path = await mkdtemp(join(tmpdir(), "journal-"));
      cleanups.push(() => rm(path, { recursive: true, force: true }));
      return join(path, "journal");
    }

    async function open(path: string): Promise<Journal> {
      const journal = await driver.open({ directory: path, logger });
      cleanups.push(() => journal.close());
      return journal;
    }

    test("an empty journal", async () => {
      const path = await directory();
      const journal = await open(path);
      expect(journal.status()).toMatchObject({ first: 0, last: 0, writable: true, problem: undefined });
      expect(await journal.read(0, 10)).toEqual([]);
      await journal.trim(0);
      await journal.close();
      expect((await open(path)).status()).toMatchObject({ first: 0, last: 0, writable: true });
    });

    test("keeps kind, head, body, order and positions, also after reopening", async () => {
      const path = await directory();
      let journal = await open(path);
      expect(await journal.append([textEntry("a", "intent"), textEntry("b")])).toBe(1);
      expect(await journal.append([{ kind: "event", head: new Uint8Array(), body: new Uint8Array() }])).toBe(3);
      expect(await journal.append([{ kind: "settled", head: Buffer.from('{"of":"a"}'), body: new Uint8Array() }])).toBe(4);
      const check = async (): Promise<void> => {
        const entries = await readAll(journal);
        expect(entries.map((entry) => [entry.position, entry.kind, Buffer.from(entry.head).toString(), textOf(entry)])).toEqual([
          [1, "intent", '{"of":"a"}', "a"],
          [2, "event", '{"of":"b"}', "b"],
          [3, "event", "", ""],
          [4, "settled", '{"of":"a"}', ""],
        ]);
        expect(journal.status()).toMatchObject({ first: 1, last: 4 });
      };
      await check();
      await journal.close();
      journal = await open(path);
      await check();
      expect(await journal.append([textEntry("c")])).toBe(5);
    });

    test("concurrent appends are contiguous, each in one piece, in the order of the calls", async () => {
      const path = await directory();
      let journal = await open(path);
      const appends = Array.from({ length: 300 }, (_, i) =>
        Array.from({ length: 1 + (i % 4) }, (_, k) => textEntry(`${i}.${k}`)),
      );
      const firsts = await Promise.all(appends.map((entries) => journal.append(entries)));
      const expected = appends.flat().map((entry) => Buffer.from(entry.body).toString());
      expect(firsts).toEqual(appends.map((_, i) => 1 + appends.slice(0, i).flat().length));
      expect((await readAll(journal)).map(textOf)).toEqual(expected);
      await journal.close();
      journal = await open(path);
      expect((await readAll(journal, 0, 7)).map(textOf)).toEqual(expected);
    });

    test("a batch has at most `limit` entries, also inside one append", async () => {
      const journal = await open(await directory());
      await journal.append(Array.from({ length: 10 }, (_, i) => textEntry(String(i))));
      expect((await journal.read(0, 3)).map(textOf)).toEqual(["0", "1", "2"]);
      expect((await journal.read(8, 3)).map(textOf)).toEqual(["8", "9"]);
      expect(await journal.read(10, 3)).toEqual([]);
    });

    test("refuses what the contract does not allow, and goes on", async () => {
      const journal = await open(await directory());
      const small = new Uint8Array(1);
      await expect(journal.append([])).rejects.toThrow(RangeError);
      await expect(journal.append([{ kind: "event", head: new Uint8Array(64 * 1024), body: small }])).rejects.toThrow(RangeError);
      await expect(journal.append([{ kind: "event", head: small, body: new Uint8Array(16 * 1024 * 1024 + 1) }])).rejects.toThrow(
        RangeError,
      );
      await expect(journal.read(-1, 1)).rejects.toThrow(RangeError);
      await expect(journal.read(0, 0)).rejects.toThrow(RangeError);
      expect(await journal.append([textEntry("fine")])).toBe(1);
    });

    test("bodies of 16 MiB, and batches that do not hold many of them", async () => {
      const path = await directory();
      let journal = await open(path);
      const bodies = [1, 2, 3].map((seed) => {
        const body = Buffer.alloc(16 * 1024 * 1024);
        for (let i = 0; i < body.length; i += 4093) body[i] = (i * seed) % 251;
        return body;
      });
      const head = new Uint8Array(64 * 1024 - 1);
      await Promise.all([
        journal.append([textEntry("before")]),
        ...bodies.map((body) => journal.append([{ kind: "event", head, body }])),
        journal.append([textEntry("after")]),
      ]);
      const check = async (): Promise<void> => {
        expect((await journal.read(0, 100)).length).toBeLessThan(4);
        const entries = await readAll(journal);
        expect(entries.length).toBe(5);
        expect(bodies.every((body, i) => body.equals(entries[i + 1]?.body ?? body.subarray(1)))).toBe(true);
        expect(entries.slice(4).map(textOf)).toEqual(["after"]);
      };
      await check();
      await journal.close();
      journal = await open(path);
      await check();
    });

    test("wait resolves at once behind the head, at the next append, and on abort", async () => {
      const journal = await open(await directory());
      await journal.append([textEntry("1")]);
      const never = new AbortController().signal;
      await journal.wait(0, never);
      let woken = false;
      const waiting = journal.wait(1, never).then(() => (woken = true));
      const later = new AbortController();
      const aborted = journal.wait(1000, later.signal);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(woken).toBe(false);
      await journal.append([textEntry("2")]);
      await waiting;
      expect(journal.status().last).toBe(2);
      later.abort();
      await aborted;
      await journal.wait(1000, AbortSignal.abort());
    });

    test("close finishes what was accepted, then refuses", async () => {
      const path = await directory();
      const journal = await open(path);
      const appends = Promise.all(Array.from({ length: 50 }, (_, i) => journal.append([textEntry(String(i))])));
      const waiting = journal.wait(50, new AbortController().signal);
      const refused = expect(waiting).rejects.toThrow(JournalUnavailable);
      await journal.close();
      await appends;
      await refused;
      await expect(journal.append([textEntry("late")])).rejects.toThrow(JournalUnavailable);
      await expect(journal.read(0, 1)).rejects.toThrow(JournalUnavailable);
      expect(journal.status()).toMatchObject({ writable: false, problem: "the journal is closed" });
      expect((await readAll(await open(path))).length).toBe(50);
    });

    test("trimming removes from the front alone, and says so", async () => {
      const path = await directory();
      let journal = await open(path);
      const body = "x".repeat(10_000);
      for (let i = 0; i < 40; i++) {
        await Promise.all(Array.from({ length: 100 }, (_, k) => journal.append([textEntry(`${i * 100 + k + 1} ${body}`)])));
      }
      const before = journal.status();
      await journal.trim(3500);
      const after = journal.status();
      expect(after.first).toBeGreaterThan(1);
      expect(after.first).toBeLessThanOrEqual(3501);
      expect(after.bytes).toBeLessThan(before.bytes);
      const check = async (): Promise<void> => {
        const { first, last } = journal.status();
        expect([first, last]).toEqual([after.first, 4000]);
        await expect(journal.read(0, 1)).rejects.toThrow(JournalTrimmed);
        await expect(journal.read(first - 2, 1)).rejects.toThrow(JournalTrimmed);
        const entries = await readAll(journal, first - 1);
        expect(entries.length).toBe(last - first + 1);
        expect(entries.every((entry) => textOf(entry).startsWith(`${entry.position} x`))).toBe(true);
      };
      await check();
      await journal.close();
      journal = await open(path);
      await check();
      await journal.trim(1_000_000);
      expect(await journal.append([textEntry("4001")])).toBe(4001);
      await journal.close();
      expect((await open(path)).status().last).toBe(4001);
    });

    test("a second opener is refused, in this process and in another", async () => {
      const path = await directory();
      const journal = await open(path);
      await expect(driver.open({ directory: path, logger })).rejects.toThrow(JournalUnavailable);
      const child = inChild(
        driver,
        path,
        `try { await openIt(); say("opened"); } catch (error) { say(error.name); } process.exit();`,
      );
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe("JournalUnavailable");
      await journal.close();
      await (await open(path)).close();
    });

    test("behaves like a list, whatever the order of append, read, trim and reopen", async () => {
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ do: fc.constant("append" as const), sizes: appendSizes }) },
        {
          weight: 3,
          arbitrary: fc.record({
            do: fc.constant("read" as const),
            at: fc.double({ min: 0, max: 1, noNaN: true }),
            limit: fc.integer({ min: 1, max: 50 }),
          }),
        },
        { weight: 1, arbitrary: fc.record({ do: fc.constant("trim" as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          const path = await directory();
          let journal = await driver.open({ directory: path, logger });
          try {
            const model: string[] = [];
            let trimmed = 0;
            for (const step of steps) {
              if (step.do === "append") {
                const texts = step.sizes.map((sizes) => sizes.map((size) => `${Math.random()} `.padEnd(size, "body ")));
                const firsts = await Promise.all(texts.map((texts) => journal.append(texts.map((text) => textEntry(text)))));
                for (const [i, first] of firsts.entries()) {
                  expect(first).toBe(model.length + 1);
                  model.push(...(texts[i] ?? []));
                }
              } else if (step.do === "read") {
                const after = Math.floor(step.at * (model.length + 1));
                const { first } = journal.status();
                if (after + 1 < first && after < model.length) {
                  await expect(journal.read(after, step.limit)).rejects.toThrow(JournalTrimmed);
                } else {
                  const batch = await journal.read(after, step.limit);
                  expect(batch.length > 0).toBe(after < model.length);
                  expect(batch.length).toBeLessThanOrEqual(step.limit);
                  expect(batch.map((entry) => [entry.position, textOf(entry)])).toEqual(
                    batch.map((_, i) => [after + 1 + i, model[after + i]]),
                  );
                }
              } else if (step.do === "trim") {
                const upTo = Math.floor(step.at * (model.length + 1));
                await journal.trim(upTo);
                trimmed = Math.max(trimmed, upTo);
              } else {
                await journal.close();
                journal = await driver.open({ directory: path, logger });
              }
              const { first, last } = journal.status();
              expect(last).toBe(model.length);
              expect(first).toBeLessThanOrEqual(trimmed + 1);
            }
          } finally {
            await journal.close();
            await rm(path, { recursive: true });
          }
        }),
        { numRuns: 40 },
      );
    });

    test("kill -9 in the middle of appends loses nothing acknowledged and doubles nothing", { timeout: 60_000 }, async () => {
      const path = await directory();
      const acknowledged = new Map<string, { first: Position; count: number }>();
      for (let round = 0; round < 6; round++) {
        const program = `
          const journal = await openIt();
          say("ready");
          const encoder = new TextEncoder();
          await Promise.all(Array.from({ length: 1 + ${round} * 5 }, async (_, producer) => {
            for (let n = 0; ; n++) {
              const count = 1 + (n + producer) % 3;
              const id = "${round}/" + producer + "/" + n;
              const entries = Array.from({ length: count }, (_, k) => ({
                kind: "event", head: encoder.encode("{}"), body: encoder.encode(id + "#" + k + "/" + count + " " + "z".repeat((n * 37) % 3000)),
              }));
              const first = await journal.append(entries);
              say(first + " " + count + " " + id);
            }
          }));`;
        const child = inChild(driver, path, program);
        const exited = once(child, "exit");
        let seen = 0;
        const stopAt = 40 + round * 211;
        for await (const line of createInterface({ input: child.stdout })) {
          const [first, count, id] = line.split(" ");
          if (id === undefined) continue;
          acknowledged.set(id, { first: Number(first), count: Number(count) });
          if (++seen === stopAt) child.kill("SIGKILL");
        }
        await exited;
        expect(seen).toBeGreaterThanOrEqual(stopAt);

        const journal = await open(path);
        const entries = (await readAll(journal)).map((entry) => textOf(entry).replace(/ .*/s, ""));
        expect(new Set(entries).size).toBe(entries.length);
        for (const [id, { first, count }] of acknowledged) {
          for (let k = 0; k < count; k++) expect(entries[first - 1 + k]).toBe(`${id}#${k}/${count}`);
        }
        // Nothing is there in part, acknowledged or not.
        for (const [i, entry] of entries.entries()) {
          const [, id, k, count] = /^(.*)#(\d)\/(\d)$/.exec(entry) ?? [];
          expect(id).toBeDefined();
          for (let j = 0; j < Number(count); j++) expect(entries[i - Number(k) + j]).toBe(`${id}#${j}/${count}`);
        }
        await journal.close();
      }
    });
  });
}

/** Appends of one to four entries, up to five at a time, mostly small. */
const appendSizes = fc.array(
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 200 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  { minLength: 1, maxLength: 5 },
);

/** Runs a program that has `openIt()` and `say(line)`. */
function inChild(driver: JournalDriver, directory: string, program: string): ChildProcessByStdio<null, Readable, null> {
  const source = `
    import { writeSync } from "node:fs";
    const { ${driver.exported}: open } = await import(${JSON.stringify(driver.module)});
    const quiet = { debug() {}, info() {}, warn() {}, error() {}, child() { return quiet; } };
    const openIt = () => open({ directory: ${JSON.stringify(directory)}, logger: quiet });
    const say = (line) => writeSync(1, line + "\\n");
    ${program}`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["ignore", "pipe", "inherit"] });
}
