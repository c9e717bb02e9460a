import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkSqliteLog } from "../../base/check-sqlite-log.ts";
import { ACCOUNT, entryOf, indexOf, REGION } from "./history.test-support.ts";
import { allPages, TestStore } from "./test-store.test-support.ts";

const root = mkdtempSync(join(tmpdir(), "opentrail-broken-log-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const made = join(root, "made");
const EVENTS = 2500;
const entries = Array.from({ length: EVENTS }, (_, at) => entryOf(at + 1));

/** As a killed program leaves it. */
beforeAll(async () => {
  await using store = new TestStore();
  const history = await store.open();
  for (let at = 0; at < EVENTS; at += 100) await history.read(entries.slice(at, at + 100));
  cpSync(store.dir, made, { recursive: true });
});

test("wherever the buffer's log is broken: the position goes back as well, and history is whole once it has caught up", async () => {
  const size = readFileSync(join(made, "buffer.db-wal")).length;
  const everything = Array.from({ length: EVENTS }, (_, at) => indexOf(EVENTS - at).eventId);
  let back = 0;
  const flip = fc.record({ where: fc.double({ min: 0, max: 0.999999, noNaN: true }), bits: fc.integer({ min: 1, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(flip, async ({ where, bits }) => {
      await using store = new TestStore();
      cpSync(made, store.dir, { recursive: true });
      const log = join(store.dir, "buffer.db-wal");
      const octets = readFileSync(log);
      octets[Math.floor(where * size)]! ^= bits;
      writeFileSync(log, octets);
      const found = checkSqliteLog(join(store.dir, "buffer.db"));
      const history = await store.open();
      const position = history.position();
      if (position < EVENTS) back++;
      // But for the last commit, which nobody could tell from one that was never finished.
      if (position < EVENTS - 100) expect(found).toMatchObject({ file: log });
      for (let at = position; at < EVENTS; at += 300) await history.read(entries.slice(at, at + 300));
      const query = { account: ACCOUNT, region: REGION, category: "management", limit: 50 } as const;
      expect(await allPages(history, query)).toEqual(everything);
    }),
    { numRuns: 30 },
  );
  expect(back).toBeGreaterThan(10);
}, 60_000);
