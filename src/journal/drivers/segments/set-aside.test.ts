import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createLogger } from "../../../base/logger.ts";
import { JournalCorrupt, JournalUnavailable, type LostEntries, type StoredEntry } from "../../journal.ts";
import { textEntry, textOf } from "../../journal.contract.ts";
import { openSegmentJournal } from "./open-segment-journal.ts";
import { setAsideDamage } from "./set-aside.ts";
import { verifyJournal } from "./verify-journal.ts";

const root = mkdtempSync(join(tmpdir(), "journal-set-aside-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const logger = createLogger("silent");
const open = (directory: string) => openSegmentJournal({ directory, logger, segmentBytes: 16 * 1024, recentBytes: 0 });
const segmentsOf = (directory: string) => readdirSync(directory).filter((name) => /^\d.*(segment|sealed)$/.test(name));
const now = "2026-03-02T10:00:00Z";

let made: string;
let crashed: string;
const texts: string[] = [];
let copies = 0;

/** Sealed and raw segments: 200 entries in 120 appends. */
beforeAll(async () => {
  made = join(root, "made");
  crashed = join(root, "crashed");
  const journal = await open(made);
  for (let i = 0; i < 120; i++) {
    const block = Array.from({ length: 1 + (i % 3) }, (_, k) => `entry ${i}.${k} `.padEnd(20 + ((i * 131) % 900), "abc"));
    texts.push(...block);
    await journal.append(block.map((text) => textEntry(text)));
  }
  const unsealed = () => readdirSync(made).filter((name) => name.endsWith(".segment")).length;
  await vi.waitUntil(() => unsealed() <= 3, { timeout: 30_000 });
  cpSync(made, crashed, { recursive: true });
  await journal.close();
});

function copyOf(directory: string): string {
  const copy = join(root, `copy-${copies++}`);
  cpSync(directory, copy, { recursive: true });
  return copy;
}

/** All that is read, with one batch size. */
async function everything(directory: string, limit: number): Promise<readonly StoredEntry[]> {
  const journal = await open(directory);
  const all: StoredEntry[] = [];
  // Where the oldest is missing, nobody can tell it from one that was trimmed.
  for (let after = Math.max(0, journal.status().first - 1); ; after = all.at(-1)!.position) {
    const batch = await journal.read(after, limit);
    if (batch.length === 0) break;
    all.push(...batch);
  }
  expect(all.at(-1)?.position ?? 0).toBe(journal.status().last);
  await journal.close();
  return all;
}

describe("verify", () => {
  test("a sound journal, closed in order and not, and one that is in use", async () => {
    for (const directory of [made, crashed]) {
      const check = await verifyJournal({ directory });
      expect(check).toMatchObject({ entries: texts.length, first: 1, last: texts.length, tornBytes: 0, damages: [] });
      expect(check.segments).toBeGreaterThan(3);
    }
    const copy = copyOf(made);
    const journal = await open(copy);
    await expect(verifyJournal({ directory: copy })).rejects.toThrow(JournalUnavailable);
    await journal.close();
  });

  test("a torn tail is none of its business, and is left as it is", async () => {
    const copy = copyOf(crashed);
    const newest = join(copy, segmentsOf(copy).sort().at(-1)!);
    const bytes = readFileSync(newest);
    const end = bytes.findLastIndex((byte) => byte !== 0);
    bytes.fill(0, end - 3);
    writeFileSync(newest, bytes);
    const check = await verifyJournal({ directory: copy });
    expect(check).toMatchObject({ entries: texts.length - 3, last: texts.length - 3, damages: [] });
    expect(check.tornBytes).toBeGreaterThan(48);
    expect(readFileSync(newest).equals(bytes)).toBe(true);
  });
});

test(
  "set aside: what is readable stays under its position, what is not is one lost entry, whatever was damaged",
  { timeout: 100_000 },
  async () => {
    let gaps = 0;
    const damage = fc.record({
      segment: fc.nat(),
      where: fc.double({ min: 0, max: 0.999999, noNaN: true }),
      length: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 6000 })),
      how: fc.constantFrom("flip" as const, "noise" as const, "cut" as const, "remove" as const),
      from: fc.constantFrom("closed" as const, "crashed" as const),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 50 }),
        async (damages, limit) => {
          const copy = copyOf(damages[0]!.from === "closed" ? made : crashed);
          for (const { segment, where, length, how } of damages) {
            const names = segmentsOf(copy).sort();
            const path = join(copy, names[segment % names.length]!);
            const bytes = readFileSync(path);
            const at = Math.floor(where * bytes.length);
            // The newest one cannot be known to have been there.
            if (how === "remove" && names.length > 1)
              rmSync(names[segment % names.length] === names.at(-1) ? join(copy, names[1]!) : path);
            else if (how === "cut") writeFileSync(path, bytes.subarray(0, at));
            else {
              for (let i = at; i < Math.min(bytes.length, at + length); i++)
                bytes[i]! ^= how === "flip" ? 0x40 : 1 + ((i * 37) % 255);
              writeFileSync(path, bytes);
            }
          }
          const before = await verifyJournal({ directory: copy });
          const opens = await open(copy).then(
            async (journal) => journal.close().then(() => true),
            (error: unknown) => {
              expect(error).toBeInstanceOf(JournalCorrupt);
              return false;
            },
          );
          // Both say the same: whatever keeps the journal from opening is found, and nothing else.
          expect(opens).toBe(before.damages.length === 0);
          if (!opens) {
            // Also the newest one, where it ends before what was seen: nothing but setting aside knows of that.
            const newest = join(copy, segmentsOf(copy).sort().at(-1)!);
            const expected = [...before.damages.map(({ path }) => path), ...(before.last < texts.length ? [newest] : [])];
            const done = await setAsideDamage({ directory: copy, seen: texts.length, now });
            expect(new Set(done.map(({ path }) => path))).toEqual(new Set(expected));
            for (const { movedTo } of done) expect(existsSync(movedTo)).toBe(true);
            const after = await verifyJournal({ directory: copy });
            // A torn tail is left to whoever opens the journal, unless its file was rewritten for a damage before it.
            const rewritten = done.some(({ path }) => basename(path) === segmentsOf(copy).sort().at(-1));
            expect(after).toMatchObject({ damages: [], tornBytes: rewritten ? 0 : before.tornBytes });
            const found = await everything(copy, limit);
            let position =
              segmentsOf(copy)
                .map((name) => Number.parseInt(name, 10))
                .sort((a, b) => a - b)[0]! - 1;
            for (const entry of found) {
              if (entry.kind === "lost") {
                const lost = JSON.parse(Buffer.from(entry.head).toString()) as LostEntries;
                expect(lost.first).toBe(position + 1);
                expect(lost.last).toBe(entry.position);
                gaps++;
              } else {
                expect(entry.position).toBe(position + 1);
                expect(textOf(entry)).toBe(texts[entry.position - 1]);
              }
              position = entry.position;
            }
            const journal = await open(copy);
            const { last, lost } = journal.status();
            expect(lost).toEqual(done.flatMap((one) => one.lost));
            expect(await journal.append([textEntry("afterwards")])).toBe(last + 1);
            await journal.close();
            expect((await everything(copy, limit)).at(-1)).toMatchObject({ position: last + 1, kind: "event" });
          }
          rmSync(copy, { recursive: true });
        },
      ),
      { numRuns: 15 },
    );
    expect(gaps).toBeGreaterThan(0);
  },
);

test("a lost block survives sealing, and readers wait behind one at the end", async () => {
  const copy = copyOf(crashed);
  const [newest] = segmentsOf(copy).sort().reverse();
  const path = join(copy, newest!);
  const bytes = readFileSync(path);
  const end = bytes.findLastIndex((byte) => byte !== 0);
  bytes[end]! ^= 1;
  writeFileSync(path, bytes);
  await expect(open(copy)).rejects.toThrow(/offset \d+: block fails its checksum/);
  const [done] = await setAsideDamage({ directory: copy, seen: 0, now });
  expect(done).toMatchObject({ path, lost: [{ first: texts.length - 2, last: texts.length, setAsideAt: now }] });
  expect(statSync(done!.movedTo).size).toBe(bytes.length);
  const journal = await open(copy);
  const signal = new AbortController().signal;
  await journal.wait(texts.length - 3, signal);
  const [lost] = await journal.read(texts.length - 3, 10);
  expect(lost).toMatchObject({ kind: "lost", position: texts.length });
  for (let i = 0; i < 80; i++) await journal.append([textEntry("x".repeat(1000))]);
  const sealed = join(copy, basename(path).replace("segment", "sealed"));
  await expect.poll(() => existsSync(sealed)).toBe(true);
  await journal.close();
  const found = await everything(copy, 7);
  expect(found.filter((entry) => entry.kind === "lost")).toHaveLength(1);
  expect(found.at(-1)!.position).toBe(texts.length + 80);
});

test("nothing is appended as lost", async () => {
  const journal = await open(copyOf(made));
  await expect(journal.append([{ ...textEntry("x"), kind: "lost" }])).rejects.toThrow(RangeError);
  await journal.close();
});
