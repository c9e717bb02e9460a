import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createHistory } from "./create-history.ts";
import { ACCOUNT, entryOf, REGION, TODAY } from "./history.test-support.ts";
import { HistoryCorrupt, type History } from "./history.ts";

const DAY = "2026-03-09.db";
const query = { account: ACCOUNT, region: REGION, category: "management", limit: 50 } as const;
let dir: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "opentrail-history-"));
  const history = open();
  await history.read(Array.from({ length: 1024 }, (_, at) => entryOf(at + 1, { time: TODAY - 2000 + at })));
  await history.close();
});
afterEach(() => rmSync(dir, { recursive: true }));

function open(): History {
  const clock = { now: () => TODAY * 1000 };
  return createHistory({ dir, retentionDays: 90, dataEvents: false, clock, logger: pino({ level: "silent" }) });
}

function damage(sql: string): void {
  const database = new DatabaseSync(join(dir, "days", DAY));
  database.exec(sql);
  database.close();
}

test.each([
  ["a frame that does not unpack", "UPDATE shelves SET frames = zeroblob(length(frames))"],
  ["a shelf that is gone", "DELETE FROM shelves"],
  ["columns cut short", "UPDATE segments SET columns = substr(columns, 1, 100)"],
  ["postings of nonsense", "UPDATE postings SET docs = x'80'"],
  ["a posting that is a text", "UPDATE postings SET docs = 'x'"],
  ["postings of other events", "UPDATE postings SET docs = 5000"],
  ["another format", "PRAGMA user_version = 7"],
])("%s: the error names the file", async (_, sql) => {
  damage(sql);
  const history = open();
  await expect(history.lookup(query)).rejects.toThrow(HistoryCorrupt);
  await expect(history.lookup(query)).rejects.toThrow(DAY);
  await history.close();
});

test("a file that is no database: the other days are still there", async () => {
  writeFileSync(join(dir, "days", DAY), "no database");
  const history = open();
  await history.read([entryOf(1025, { time: TODAY })]);
  expect((await history.lookup({ ...query, from: TODAY })).events).toHaveLength(1);
  await expect(history.lookup(query)).rejects.toThrow(HistoryCorrupt);
  expect(await history.stats()).toMatchObject({ events: 1, days: ["2026-03-09", "2026-03-10"], unreadableDays: ["2026-03-09"] });
  await history.close();
});

test("leftovers of a removed day are cleared", async () => {
  writeFileSync(join(dir, "days", "2026-01-01.db-wal"), "x");
  await open().close();
  expect(readdirSync(join(dir, "days"))).toEqual([DAY]);
});
