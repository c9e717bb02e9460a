import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ATTRIBUTE_KEYS, attributeValues } from "./attribute.ts";
import { ACCOUNT, entryOf, indexOf, REGION, TODAY } from "./history.test-support.ts";
import type { History } from "./history.ts";
import { allPages, TestStore } from "./test-store.test-support.ts";
import { verifyHistory } from "./verify-history.ts";

const root = mkdtempSync(join(tmpdir(), "opentrail-verify-history-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const made = join(root, "made");
const EVENTS = 1200;
const indexAt = (at: number) => ({
  time: TODAY - 5000 + at,
  name: `Name${at % 7}`,
  username: `user-${at % 50}`,
  readOnly: at % 3 === 0,
  resources: at % 4 === 0 ? [{ type: "AWS::S3::Bucket", name: `bucket-${at % 20}` }] : [],
});
let copies = 0;

beforeAll(async () => {
  await using store = new TestStore();
  const history = await store.open();
  const entries = Array.from({ length: EVENTS }, (_, at) => entryOf(at + 1, indexAt(at)));
  for (let at = 0; at < EVENTS; at += 200) await history.read(entries.slice(at, at + 200));
  await store.close();
  cpSync(store.dir, made, { recursive: true });
});

function copy(): { readonly dir: string; readonly day: string } {
  const dir = join(root, `copy-${copies++}`);
  cpSync(made, dir, { recursive: true });
  return {
    dir,
    day: join(
      dir,
      "days",
      readdirSync(join(dir, "days")).find((name) => name.endsWith(".db"))!,
    ),
  };
}

/** What every attribute of some events finds, and everything. */
async function answers(history: History): Promise<readonly (readonly string[])[]> {
  const query = { account: ACCOUNT, region: REGION, category: "management", limit: 50 } as const;
  const found = [await allPages(history, query)];
  for (const at of [0, 13, 600, 1023, 1100]) {
    const index = indexOf(at + 1, indexAt(at));
    for (const key of ATTRIBUTE_KEYS) {
      for (const value of attributeValues(index, key))
        found.push(await allPages(history, { ...query, attribute: { key, value } }));
    }
  }
  return found;
}

async function open(dir: string, ask: (history: History) => Promise<void>): Promise<void> {
  await using store = new TestStore();
  cpSync(dir, store.dir, { recursive: true });
  await ask(await store.open());
}

test("a sound history, whole and counted once", async () => {
  const { dir } = copy();
  const seen: number[] = [];
  const check = await verifyHistory({ dir, progress: (done, of) => seen.push(done / of) });
  expect(check).toMatchObject({ days: 1, events: EVENTS, position: EVENTS, findings: [] });
  expect(check.buffered).toBeLessThan(EVENTS);
  expect(check.applied).toBe(EVENTS - check.buffered);
  expect(seen.at(-1)).toBe(1);
  expect(await verifyHistory({ dir: join(root, "nowhere") })).toMatchObject({ days: 0, events: 0, findings: [] });
});

test("whatever octet is changed: it is found, or no query sees a difference", { timeout: 60_000 }, async () => {
  let sound: readonly (readonly string[])[] = [];
  await open(made, async (history) => void (sound = await answers(history)));
  let found = 0;
  const change = fc.record({
    of: fc.constantFrom("day", "buffer"),
    where: fc.double({ min: 0, max: 0.999999, noNaN: true }),
    bits: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ of, where, bits }) => {
      const { dir, day } = copy();
      const path = of === "day" ? day : join(dir, "buffer.db");
      const bytes = readFileSync(path);
      const at = Math.floor(where * bytes.length);
      bytes[at]! ^= bits;
      writeFileSync(path, bytes);
      const { findings } = await verifyHistory({ dir });
      for (const { file } of findings) expect(file).toBe(path);
      if (findings.length > 0) found++;
      else await open(dir, async (history) => expect(await answers(history), `octet ${at} of ${of}`).toEqual(sound));
      rmSync(dir, { recursive: true });
    }),
    { numRuns: 60 },
  );
  expect(found).toBeGreaterThan(10);
});

test.each([
  ["shelves in each other's place", "UPDATE shelves SET id = -1 - id WHERE id < 2; UPDATE shelves SET id = 2 + id WHERE id < 0"],
  ["postings that are gone", "DELETE FROM postings WHERE term = (SELECT min(term) FROM postings)"],
  ["a segment that says another time", "UPDATE segments SET latest = latest + 1"],
])("%s are found, with their place", async (_what, sql) => {
  const { dir, day } = copy();
  const database = new DatabaseSync(day);
  database.exec(sql);
  database.close();
  const { findings } = await verifyHistory({ dir });
  expect(findings.length).toBeGreaterThan(0);
  expect(findings[0]).toMatchObject({ file: day, place: expect.any(String), remedy: expect.stringContaining("Restore") });
});
