import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { createLogger } from "../../../base/logger.ts";
import { JournalCorrupt } from "../../journal.ts";
import { readAll, textEntry, textOf } from "../../journal.contract.ts";
import { diskFiles } from "./disk-files.ts";
import { openSegmentJournal } from "./open-segment-journal.ts";
import { scanSegment } from "./scan-segment.ts";

const root = mkdtempSync(join(tmpdir(), "journal-damage-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const logger = createLogger("silent");
const open = (directory: string) => openSegmentJournal({ directory, logger, segmentBytes: 16 * 1024 });
const newestSegment = (directory: string): string =>
  join(
    directory,
    readdirSync(directory)
      .filter((name) => name.endsWith(".segment"))
      .sort()
      .at(-1)!,
  );

let copies = 0;
function copyOf(directory: string): string {
  const copy = join(root, `copy-${copies++}`);
  cpSync(directory, copy, { recursive: true });
  return copy;
}

/** Three appends of `texts`, copied as a crash would leave them, and once more after an orderly close. */
async function threeBlocks(texts: readonly (readonly string[])[]): Promise<{ crashed: string; closed: string; ends: number[] }> {
  const directory = join(root, `journal-${copies++}`);
  const journal = await open(directory);
  const ends: number[] = [];
  for (const block of texts) {
    await journal.append(block.map((text) => textEntry(text)));
    const path = newestSegment(directory);
    ends.push(scanSegment(readFileSync(path), path, { base: 1, form: "segment" }).segment.end);
  }
  const crashed = copyOf(directory);
  await journal.close();
  return { crashed, closed: directory, ends };
}

describe("a torn last block", () => {
  test.each(["zeros behind", "file ends"])("is cut at every length: %s", { timeout: 120_000 }, async (form) => {
    const { crashed, ends } = await threeBlocks([["one"], ["two", "three"], ["four", "five"]]);
    const [, start, end] = ends as [number, number, number];
    const copy = copyOf(crashed);
    const path = newestSegment(copy);
    const whole = readFileSync(path);
    for (let length = 0; length < end - start; length++) {
      rmSync(copy, { recursive: true });
      cpSync(crashed, copy, { recursive: true });
      const torn = Buffer.from(whole);
      torn.fill(0, start + length);
      writeFileSync(path, torn);
      if (form === "file ends") truncateSync(path, start + length);
      const journal = await open(copy);
      expect((await readAll(journal)).map(textOf)).toEqual(["one", "two", "three"]);
      expect(await journal.append([textEntry("again")])).toBe(4);
      await journal.close();
      const reopened = await open(copy);
      expect((await readAll(reopened)).map(textOf)).toEqual(["one", "two", "three", "again"]);
      await reopened.close();
    }
  });

  test("is cut where only its end reached the disk", async () => {
    const { crashed, ends } = await threeBlocks([["one"], ["two"], ["three".repeat(500)]]);
    const path = newestSegment(crashed);
    writeFileSync(path, readFileSync(path).fill(0, ends[1], Math.ceil((ends[1]! + 100) / 512) * 512));
    const journal = await open(crashed);
    expect((await readAll(journal)).map(textOf)).toEqual(["one", "two"]);
    await journal.close();
  });

  test("is cut with any of its sectors missing, wherever in a sector it begins", { timeout: 120_000 }, async () => {
    const cases = fc.record({
      // So that the header of the last block lies at every place of a sector, and across two.
      before: fc.integer({ min: 1, max: 1100 }),
      size: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 12_000 })),
      missing: fc.uint8Array({ minLength: 40, maxLength: 40 }),
      short: fc.boolean(),
    });
    let torn = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ before, size, missing, short }) => {
        const directory = join(root, `sectors-${copies++}`);
        const journal = await open(directory);
        await journal.append([textEntry("b".repeat(before))]);
        await journal.append([textEntry("last".padEnd(size, "x"))]);
        const path = newestSegment(directory);
        const bytes = readFileSync(path);
        await journal.close();
        const base = { base: 1, form: "segment" } as const;
        const { end } = scanSegment(bytes, path, base).segment;
        const start = scanSegment(bytes, path, base, 1).segment.end;
        let [at, next, lost] = [start, 0, false];
        for (let sector = 0; at < end; at = next, sector++) {
          next = Math.min(end, (Math.floor(at / 512) + 1) * 512);
          if (missing[sector % missing.length]! % 3 > 0) continue;
          bytes.fill(0, at, next);
          lost = true;
        }
        const damaged = short ? bytes.subarray(0, 1 + bytes.findLastIndex((byte) => byte !== 0)) : bytes;
        const { segment, tornBytes } = scanSegment(damaged, path, base);
        expect(segment.last).toBe(lost ? 1 : 2);
        if (!lost) expect(tornBytes).toBe(0);
        else torn++;
        rmSync(directory, { recursive: true });
      }),
      { numRuns: 150 },
    );
    expect(torn).toBeGreaterThan(75);
  });

  test("may be the only one", async () => {
    const { crashed } = await threeBlocks([["one"]]);
    const path = newestSegment(crashed);
    writeFileSync(path, readFileSync(path).fill(0, 90));
    const journal = await open(crashed);
    expect(journal.status()).toMatchObject({ first: 0, last: 0, writable: true });
    expect(await journal.append([textEntry("again")])).toBe(1);
    await journal.close();
  });
});

describe("a changed byte", () => {
  test("before the last block is corruption, with file and offset", async () => {
    const { crashed, ends } = await threeBlocks([["one"], ["two"], ["three"]]);
    const path = newestSegment(crashed);
    const bytes = readFileSync(path);
    const start = ends[0]!;
    for (let at = start; at < ends[1]!; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x10;
      expect(() => scanSegment(damaged, path, { base: 1, form: "segment" })).toThrow(`${path}, offset ${start}: `);
    }
    bytes[start + 50]! ^= 1;
    writeFileSync(path, bytes);
    await expect(open(crashed)).rejects.toThrow(JournalCorrupt);
    // The lock went with the failed attempt.
    await expect(open(crashed)).rejects.toThrow(JournalCorrupt);
  });

  test("in the last block is corruption, too: a crash flips no bits", { timeout: 120_000 }, async () => {
    // Two lengths, so that the header lies in one sector, and across two.
    for (const padding of [10, 330]) {
      const { crashed, ends } = await threeBlocks([["one"], ["two".padEnd(padding, "o")], ["three ".padEnd(1500, "e")]]);
      const path = newestSegment(crashed);
      const bytes = readFileSync(path);
      const base = { base: 1, form: "segment" } as const;
      expect(scanSegment(bytes, path, base).segment.last).toBe(3);
      for (let at = ends[1]!; at < ends[2]!; at++) {
        for (let bit = 0; bit < 8; bit++) {
          const damaged = Buffer.from(bytes);
          damaged[at]! ^= 1 << bit;
          expect(() => scanSegment(damaged, path, base), `byte ${at}, bit ${bit}`).toThrow(`${path}, offset ${ends[1]}: block`);
        }
      }
    }
  });

  test("behind the last block is corruption in the sector in which the next one begins, and cut farther on", async () => {
    const { crashed, ends } = await threeBlocks([["one"], ["two"], ["three"]]);
    const path = newestSegment(crashed);
    const bytes = readFileSync(path);
    const base = { base: 1, form: "segment" } as const;
    const sector = Math.ceil((ends[2]! + 1) / 512) * 512;
    for (let at = ends[2]!; at < sector + 2000; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x20;
      if (at < sector) expect(() => scanSegment(damaged, path, base), `byte ${at}`).toThrow(`${path}, offset ${ends[2]}: `);
      else expect(scanSegment(damaged, path, base)).toMatchObject({ segment: { last: 3 }, tornBytes: at + 1 - ends[2]! });
    }
  });

  test("in the mark of an orderly close is corruption", async () => {
    const { closed, ends } = await threeBlocks([["one"], ["two"], ["three"]]);
    const path = newestSegment(closed);
    const bytes = readFileSync(path);
    for (let at = ends[2]!; at < ends[2]! + 48; at++) {
      for (const bits of [1, 0x80]) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= bits;
        expect(() => scanSegment(damaged, path, { base: 1, form: "segment" }), `byte ${at}`).toThrow(JournalCorrupt);
      }
    }
  });

  test("in the last block after an orderly close is corruption, too", async () => {
    const { closed, ends } = await threeBlocks([["one"], ["two"], ["three"]]);
    const path = newestSegment(closed);
    const bytes = readFileSync(path);
    bytes[ends[2]! - 1]! ^= 1;
    writeFileSync(path, bytes);
    await expect(open(closed)).rejects.toThrow(`offset ${ends[1]}: `);
  });

  test("anywhere is reported, or does not matter: entries are never altered, never missing", { timeout: 120_000 }, async () => {
    const directory = join(root, "many");
    const journal = await open(directory);
    const texts: string[] = [];
    for (let i = 0; i < 120; i++) {
      const block = Array.from({ length: 1 + (i % 3) }, (_, k) => `entry ${i}.${k} `.padEnd(20 + ((i * 131) % 900), "abc"));
      texts.push(...block);
      await journal.append(block.map((text) => textEntry(text)));
    }
    await expect.poll(() => readdirSync(directory).filter((name) => name.endsWith(".segment")).length).toBeLessThanOrEqual(3);
    const crashed = copyOf(directory);
    await journal.close();
    const segments = readdirSync(crashed).filter((name) => /^\d/.test(name));
    expect(segments.length).toBeGreaterThan(3);
    const newest = newestSegment(crashed);
    const { end } = scanSegment(readFileSync(newest), newest, {
      base: Number(/(\d+)\.segment/.exec(newest)![1]),
      form: "segment",
    }).segment;
    const outcomes = { corrupt: 0, intact: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.nat(segments.length - 1),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (segment, where, bits) => {
          const copy = copyOf(crashed);
          const path = join(copy, segments[segment]!);
          const isNewest = segments[segment] === newest.slice(-segments[segment]!.length);
          const bytes = readFileSync(path);
          bytes[Math.floor(where * (isNewest ? end + 100 : statSync(path).size))]! ^= bits;
          writeFileSync(path, bytes);
          try {
            const damaged = await open(copy);
            const found = (await readAll(damaged)).map(textOf);
            await damaged.close();
            expect(found).toEqual(texts);
            outcomes.intact++;
          } catch (error) {
            expect(error).toBeInstanceOf(JournalCorrupt);
            expect((error as Error).message).toMatch(new RegExp(`${path}, offset \\d+: `));
            outcomes.corrupt++;
          } finally {
            rmSync(copy, { recursive: true });
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(outcomes.corrupt).toBeGreaterThan(60);
  });

  test("while the journal is open is reported by read", async () => {
    const directory = join(root, "open");
    const journal = await openSegmentJournal({ directory, logger, segmentBytes: 16 * 1024, recentBytes: 0 });
    for (let i = 0; i < 10; i++) await journal.append([textEntry(`entry ${i}`)]);
    const path = newestSegment(directory);
    const bytes = readFileSync(path);
    bytes[400]! ^= 1;
    writeFileSync(path, bytes);
    await expect(journal.read(0, 100)).rejects.toThrow(JournalCorrupt);
    await journal.close();
  });
});

test("a missing segment is corruption", async () => {
  const directory = join(root, "hole");
  const journal = await open(directory);
  for (let i = 0; i < 60; i++) await journal.append([textEntry("x".repeat(1000))]);
  await journal.close();
  const names = readdirSync(directory)
    .filter((name) => /^\d/.test(name))
    .sort();
  expect(names.length).toBeGreaterThan(2);
  rmSync(join(directory, names[1]!));
  await expect(open(directory)).rejects.toThrow(/damaged or missing/);
});

test("a whole block of another journal is not one of this", async () => {
  const [one, other] = [await threeBlocks([["aaa"], ["bbb"], ["ccc"]]), await threeBlocks([["xxx"], ["yyy"], ["zzz"]])];
  expect(one.ends).toEqual(other.ends);
  const path = newestSegment(one.crashed);
  const bytes = readFileSync(path);
  bytes.set(readFileSync(newestSegment(other.crashed)).subarray(one.ends[0], one.ends[1]), one.ends[0]);
  writeFileSync(path, bytes);
  await expect(open(one.crashed)).rejects.toThrow(`offset ${one.ends[0]}: `);
});

test.each(["raw", "sealed"])(
  "a crash between compressing a segment and removing its raw form (%s listed last)",
  async (listedLast) => {
    const directory = join(root, `both-forms-${listedLast}`);
    const journal = await open(directory);
    for (let i = 0; i < 40; i++) await journal.append([textEntry(`${i} `.padEnd(1000, "x"))]);
    const first = join(directory, "00000000000000000001.segment");
    const raw = readFileSync(first);
    for (let i = 40; i < 100; i++) await journal.append([textEntry(`${i} `.padEnd(1000, "x"))]);
    await expect.poll(() => existsSync(first)).toBe(false);
    await journal.close();
    writeFileSync(first, raw);
    writeFileSync(join(directory, "00000000000000000015.sealed.tmp"), raw.subarray(0, 5000));
    const list = async (path: string): Promise<string[]> => {
      const names = [...(await diskFiles.list(path))].sort();
      return listedLast === "raw" ? names : names.reverse();
    };
    const reopened = await openSegmentJournal({ directory, logger, segmentBytes: 16 * 1024, files: { ...diskFiles, list } });
    expect((await readAll(reopened)).map((entry) => textOf(entry).split(" ")[0])).toEqual(
      Array.from({ length: 100 }, (_, i) => String(i)),
    );
    expect(existsSync(first)).toBe(false);
    expect(readdirSync(directory).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    await reopened.close();
  },
);

test("a body cannot pose as a block", async () => {
  // A torn block whose body is a whole journal file: its blocks have other salts, and the sector of its own header is missing.
  const other = await threeBlocks([["a"], ["b"], ["c"]]);
  const file = readFileSync(newestSegment(other.crashed)).subarray(0, 1000);
  const directory = join(root, "pose");
  const journal = await open(directory);
  await journal.append([{ kind: "event", head: new Uint8Array(), body: file }]);
  const crashed = copyOf(directory);
  await journal.close();
  const path = newestSegment(crashed);
  const bytes = readFileSync(path);
  bytes.fill(0, 32, 512);
  writeFileSync(path, bytes);
  const reopened = await open(crashed);
  expect(reopened.status().last).toBe(0);
  await reopened.close();
});
