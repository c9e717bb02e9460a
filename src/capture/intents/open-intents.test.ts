import { randomUUID } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogger } from "../../base/logger.ts";
import { openSegmentJournal } from "../../journal/drivers/segments/open-segment-journal.ts";
import { type Journal, type JournalEntry, JournalUnavailable } from "../../journal/journal.ts";
import { AppendRoom } from "../append-room.ts";
import { eventIdOf, settledEntry } from "../event-entry.ts";
import { Backlog } from "./backlog.ts";
import type { OpenIntent } from "./intent-ledger.ts";
import { OpenIntents } from "./open-intents.ts";

const logger = createLogger("silent");
const SEGMENT_BYTES = 64 * 1024;

let directory: string;
let checkpointFile: string;
let journal: Journal;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "intents-"));
});
afterEach(async () => {
  await journal.close();
  rmSync(directory, { recursive: true });
});

async function openJournal(): Promise<void> {
  const path = join(directory, randomUUID());
  checkpointFile = `${path}.intents`;
  journal = await openSegmentJournal({ directory: path, logger, segmentBytes: SEGMENT_BYTES });
}

const entry = (id: string, kind: JournalEntry["kind"], body = "known", bytes = 0): JournalEntry => ({
  kind,
  head: Buffer.from(JSON.stringify({ eventId: id, padding: "x".repeat(bytes) })),
  body: Buffer.from(body),
});

/** One life of the process: after `appends` appends nothing reaches the journal any more. */
class Life {
  readonly intents: OpenIntents;
  readonly backlog: Backlog;
  /** Entries read for recovery. */
  read = 0;
  /** Reads that fail, for reasons that pass. */
  badReads = 0;
  #left: number;

  constructor(appends = Infinity) {
    this.#left = appends;
    const append = async (entries: readonly JournalEntry[]): Promise<number> => {
      if (this.#left <= 0) throw new JournalUnavailable("the process has ended");
      this.#left -= 1;
      return await journal.append(entries);
    };
    const status = () => ({ ...journal.status(), writable: this.#left > 0 });
    const read = async (after: number, limit: number) => {
      if (this.badReads > 0) {
        this.badReads -= 1;
        throw new Error("EIO: i/o error, read");
      }
      const entries = await journal.read(after, limit);
      this.read += entries.length;
      return entries;
    };
    this.backlog = new Backlog({ status }, logger);
    this.intents = new OpenIntents({
      journal: { status, read },
      room: new AppendRoom({ journal: { append, status } }),
      backlog: this.backlog,
      checkpointFile,
      logger,
      checkpointEntries: 6,
      checkpointMilliseconds: 0,
      carryEntries: 12,
    });
  }

  async close(): Promise<void> {
    await this.backlog.close();
    await this.intents.close();
  }
}

async function eventsById(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const { first } = journal.status();
  for (const { kind, head, body } of await journal.read(Math.max(0, first - 1), 100_000)) {
    if (kind !== "event") continue;
    const id = eventIdOf(head)!;
    found.set(id, [...(found.get(id) ?? []), Buffer.from(body).toString()]);
  }
  return found;
}

type End = "settle" | "withdraw" | "abandon" | "nothing";
const step = fc.record({
  end: fc.constantFrom<End>("settle", "settle", "settle", "withdraw", "abandon", "nothing"),
  /** How many other steps may begin before this call ends. */
  lasts: fc.nat(30),
  intents: fc.integer({ min: 1, max: 3 }),
  events: fc.integer({ min: 0, max: 3 }),
});

test(
  "whatever interleaves and wherever it ends: each call that left has one event of each id, none has two",
  { timeout: 60_000 },
  async () => {
    const cases = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 80 }),
      ends: fc.oneof(fc.constant(Infinity), fc.nat(150)),
      recoveries: fc.array(fc.nat(2), { maxLength: 3 }),
      checkpoint: fc.constantFrom("kept", "lost", "stale"),
    });
    let recovered = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ steps, ends, recoveries, checkpoint }) => {
        await openJournal();
        /** Event id → what its events may be. */
        const allowed = new Map<string, readonly string[][]>();
        const life = new Life(ends);
        await life.intents.recover();
        const running: Promise<void>[] = [];
        const due = new Map<number, (() => Promise<void>)[]>();
        for (const [at, { end, lasts, intents, events }] of steps.entries()) {
          const ids = Array.from({ length: Math.max(intents, events) }, () => randomUUID());
          const opened = ids.slice(0, intents);
          const known = ids.slice(0, events);
          let intent: OpenIntent;
          const opening = (async () => {
            try {
              intent = await life.intents.open(opened.map((id) => entry(id, "intent", "unknown")));
            } catch {
              return false;
            }
            for (const id of opened) allowed.set(id, [["unknown"]]);
            return true;
          })();
          const ending = async (): Promise<void> => {
            if (!(await opening)) return;
            if (end === "withdraw") {
              for (const id of opened) allowed.set(id, [[], ["unknown"]]);
              await life.intents.withdraw(intent);
              if (!life.intents.owes(opened[0]!)) for (const id of opened) allowed.set(id, [[]]);
            } else if (end === "abandon") await life.intents.abandon(intent);
            else if (end === "settle") {
              for (const id of ids) allowed.set(id, [["known"], ["unknown"], []]);
              for (const id of opened) allowed.set(id, known.includes(id) ? [["known"], ["unknown"]] : [[], ["unknown"]]);
              try {
                await life.intents.settle(
                  intent,
                  known.map((id) => entry(id, "event")),
                );
              } catch {
                return;
              }
              for (const id of ids) allowed.set(id, known.includes(id) ? [["known"]] : [[]]);
            }
          };
          running.push(opening.then(() => undefined));
          const when = at + lasts;
          due.set(when, [...(due.get(when) ?? []), ending]);
          for (const run of due.get(at) ?? []) running.push(run());
          due.delete(at);
          if (at % 3 === 0) await running.at(-1);
          if (checkpoint === "stale" && at === steps.length >> 1 && existsSync(checkpointFile)) {
            copyFileSync(checkpointFile, `${checkpointFile}.stale`);
          }
          // As the readers' host does, who is never behind here.
          await journal.trim(life.intents.keepFrom() - 1);
        }
        for (const rest of due.values()) for (const run of rest) running.push(run());
        await Promise.all(running);
        if (checkpoint === "lost") rmSync(checkpointFile, { force: true });
        if (checkpoint === "stale" && existsSync(`${checkpointFile}.stale`))
          copyFileSync(`${checkpointFile}.stale`, checkpointFile);

        for (const appends of recoveries) await new Life(appends).intents.recover();
        recovered += await new Life().intents.recover();
        const found = await eventsById();
        for (const [id, possible] of allowed) expect(possible).toContainEqual(found.get(id) ?? []);
        for (const id of found.keys()) expect(allowed.has(id)).toBe(true);
        expect(await new Life().intents.recover()).toBe(0);
        await journal.close();
      }),
      { numRuns: 150 },
    );
    expect(recovered).toBeGreaterThan(30);
  },
);

test("a call that takes hours keeps neither the journal nor the search at the next start long", async () => {
  await openJournal();
  const life = new Life();
  await life.intents.recover();
  const long = await life.intents.open([entry("long", "intent", "unknown", 500)]);
  // It is carried on while others come and go, not at once: on a slow disk a few more of them pass.
  let calls = 0;
  const behind = (): number => journal.status().last - life.intents.keepFrom();
  for (let at = 0; at < 500 || behind() >= 60; at++) {
    const short = await life.intents.open([entry(`short-${at}`, "intent", "unknown", 500)]);
    await life.intents.settle(short, [entry(`short-${at}`, "event", "known", 500)]);
    if (behind() < 60) await journal.trim(life.intents.keepFrom() - 1);
    calls = at;
  }
  expect(calls).toBeLessThan(5_000);
  expect(journal.status().first).toBeGreaterThan(500);
  const next = new Life();
  expect(await next.intents.recover()).toBe(1);
  expect(next.read).toBeLessThan(200);
  expect((await eventsById()).get("long")).toEqual(["unknown"]);
  await expect(life.intents.settle(long, [])).resolves.toBeUndefined();
});

test("the checkpoint of another journal, or one that was tampered with, is void", async () => {
  await openJournal();
  const first = new Life();
  await first.intents.recover();
  for (const id of ["a", "b", "c"])
    await first.intents.settle(await first.intents.open([entry(id, "intent")]), [entry(id, "event")]);
  await first.close();
  const text = readFileSync(checkpointFile, "utf8");
  expect(text).toMatch(/^opentrail-intents-1 6 [0-9a-f]+\n$/);
  const again = new Life();
  await again.intents.recover();
  // Its own entry, and the end.
  expect(again.read).toBe(1);
  await journal.close();

  await openJournal();
  for (const id of ["x", "y", "z", "u", "v", "w"]) await journal.append([entry(id, "intent", "unknown")]);
  for (const broken of [text, "opentrail-intents-1 999 0\n", "opentrail-intents-1 6 \n", "", "garbage"]) {
    writeFileSync(checkpointFile, broken);
    const life = new Life(0);
    await life.intents.recover();
    expect(life.intents.size).toBe(6);
  }
  expect(await new Life().intents.recover()).toBe(6);
});

test("an intent that cannot be read back does not hold up the others", async () => {
  await openJournal();
  const life = new Life();
  await life.intents.recover();
  const lost = await life.intents.open([entry("lost", "intent", "unknown", 60_000)]);
  for (let at = 0; at < 4; at++) await journal.append([settledEntry(`fill-${at}`), entry("fill", "event", "x".repeat(60_000))]);
  const kept = await life.intents.open([entry("kept", "intent", "unknown")]);
  await journal.trim(journal.status().last - 1);
  expect(journal.status().first).toBeGreaterThan(1);
  await Promise.all([life.intents.abandon(lost), life.intents.abandon(kept)]);
  const found = await eventsById();
  expect([found.get("lost"), found.get("kept")]).toEqual([undefined, ["unknown"]]);
  expect(life.intents.size).toBe(0);
});

test("an intent that cannot be read back just now becomes an event later", async () => {
  await openJournal();
  const life = new Life();
  await life.intents.recover();
  const intent = await life.intents.open([entry("a", "intent", "unknown")]);
  life.badReads = 2;
  await life.intents.abandon(intent);
  expect(life.intents.owes("a")).toBe(true);
  await expect.poll(() => life.intents.owes("a")).toBe(false);
  expect((await eventsById()).get("a")).toEqual(["unknown"]);
});
