import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createLogger } from "../../../base/logger.ts";
import { type Journal, JournalUnavailable } from "../../journal.ts";
import { readAll, textEntry, textOf } from "../../journal.contract.ts";
import { type DiskFiles, diskFiles } from "./disk-files.ts";
import { openSegmentJournal } from "./open-segment-journal.ts";

const root = mkdtempSync(join(tmpdir(), "journal-failures-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const logger = createLogger("silent");

/** The real files, with switches in front. */
class FaultyFiles {
  /** Writes of blocks fail: before anything, half-way, or after the bytes are there (as a failing fsync would). */
  write: "none" | "before" | "half" | "after" = "none";
  full = false;
  reads = 0;
  /** Paths whose last write failed; touching one again is what must never happen. */
  readonly spoiled = new Set<string>();
  readonly touchedAgain: string[] = [];
  /** Awaited before each write. */
  gate: () => Promise<void> = () => Promise.resolve();

  readonly files: DiskFiles = {
    ...diskFiles,
    read: (path, offset, length) => {
      this.reads++;
      return diskFiles.read(path, offset, length);
    },
    preallocate: async (path, start, bytes) => {
      if (this.full) {
        writeFileSync(path, Buffer.alloc(100));
        throw ioError("ENOSPC");
      }
      await diskFiles.preallocate(path, start, bytes);
    },
    rename: async (from, to) => {
      await diskFiles.rename(from, to);
      this.spoiled.delete(to);
    },
    sync: async (path) => {
      if (this.spoiled.has(path)) this.touchedAgain.push(path);
      await diskFiles.sync(path);
    },
    openDurable: async (path) => {
      const file = await diskFiles.openDurable(path);
      return {
        close: () => file.close(),
        write: async (bytes, offset) => {
          await this.gate();
          if (this.spoiled.has(path)) this.touchedAgain.push(path);
          if (this.write === "none") return file.write(bytes, offset);
          if (this.write === "half") await file.write(bytes.subarray(0, bytes.length / 2), offset);
          if (this.write === "after") await file.write(bytes, offset);
          this.spoiled.add(path);
          throw ioError(this.write === "half" ? "ENOSPC" : "EIO");
        },
      };
    },
  };
}

function ioError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

const open = (name: string, faults: FaultyFiles, options: { queueBytes?: number } = {}): Promise<Journal> =>
  openSegmentJournal({ directory: join(root, name), logger, segmentBytes: 32 * 1024, files: faults.files, ...options });

const writable = (journal: Journal) => expect.poll(() => journal.status().writable);

test.each(["before", "half", "after"] as const)(
  "a write that fails (%s): refuses, says why, and comes back in a new file",
  async (failure) => {
    const faults = new FaultyFiles();
    let journal = await open(`write-${failure}`, faults);
    for (let i = 1; i <= 5; i++) await journal.append([textEntry(`good ${i}`)]);
    faults.write = failure;
    // One group is on its way to the disk, another waits behind it.
    const { promise, resolve } = Promise.withResolvers<void>();
    const inFlight = journal.append([textEntry("lost")]);
    await new Promise<void>((writing) => {
      faults.gate = () => {
        writing();
        return promise;
      };
    });
    const behind = Array.from({ length: 20 }, (_, i) => journal.append([textEntry(`lost ${i}`), textEntry("too")]));
    resolve();
    const results = await Promise.allSettled([inFlight, ...behind]);
    expect(results.every((result) => result.status === "rejected" && result.reason instanceof JournalUnavailable)).toBe(true);
    expect(journal.status()).toMatchObject({ last: 5, writable: false });
    expect(journal.status().problem).toMatch(/cannot be written: E.*injected/);
    await expect(journal.append([textEntry("refused")])).rejects.toThrow(/injected/);
    expect((await readAll(journal)).length).toBe(5);

    faults.write = "none";
    await writable(journal).toBe(true);
    expect(journal.status().problem).toBeUndefined();
    expect(await journal.append([textEntry("good 6")])).toBe(6);
    expect(faults.touchedAgain).toEqual([]);
    const expected = [1, 2, 3, 4, 5, 6].map((i) => `good ${i}`);
    expect((await readAll(journal)).map(textOf)).toEqual(expected);
    await journal.close();
    journal = await open(`write-${failure}`, new FaultyFiles());
    expect((await readAll(journal)).map(textOf)).toEqual(expected);
    await journal.close();
  },
);

test("a first write that fails leaves nothing behind", async () => {
  const faults = new FaultyFiles();
  const journal = await open("first", faults);
  faults.write = "after";
  await expect(journal.append([textEntry("lost")])).rejects.toThrow(JournalUnavailable);
  faults.write = "none";
  await writable(journal).toBe(true);
  expect(await journal.append([textEntry("kept")])).toBe(1);
  await journal.close();
  const reopened = await open("first", new FaultyFiles());
  expect((await readAll(reopened)).map(textOf)).toEqual(["kept"]);
  await reopened.close();
});

test("a full disk: what fits is kept, the rest refused, and recording resumes when there is space", async () => {
  const faults = new FaultyFiles();
  let journal = await open("full", faults);
  const kept: string[] = [];
  const append = async (text: string): Promise<boolean> => {
    try {
      expect(await journal.append([textEntry(text)])).toBe(kept.length + 1);
      kept.push(text);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(JournalUnavailable);
      return false;
    }
  };
  await append("x".repeat(5000));
  faults.full = true;
  let i = 0;
  while (await append(`${i++} `.padEnd(2000, "y"))) expect(i).toBeLessThan(100);
  expect(journal.status().problem).toContain("ENOSPC");
  expect(readdirSync(join(root, "full")).filter((name) => name.includes("prepared"))).toEqual([]);
  expect((await readAll(journal)).map(textOf)).toEqual(kept);
  faults.full = false;
  await writable(journal).toBe(true);
  expect(await append("after")).toBe(true);
  await journal.close();
  journal = await open("full", new FaultyFiles());
  expect((await readAll(journal)).map(textOf)).toEqual(kept);
  await journal.close();
});

test("opens on a full disk to be read, and trimming brings it back at once", async () => {
  const path = "open-full";
  let journal = await open(path, new FaultyFiles());
  for (let i = 0; i < 100; i++) await journal.append([textEntry(`${i} `.padEnd(1000, "z"))]);
  await journal.close();
  // The newest segment ends in a torn block, so that a new one is needed.
  const newest = readdirSync(join(root, path))
    .filter((name) => name.endsWith(".segment"))
    .at(-1)!;
  const bytes = readFileSync(join(root, path, newest));
  bytes[bytes.length - 1] = 1;
  writeFileSync(join(root, path, newest), bytes);
  const faults = new FaultyFiles();
  faults.full = true;
  journal = await open(path, faults);
  expect(journal.status()).toMatchObject({ first: 1, last: 100, writable: false });
  expect((await readAll(journal)).length).toBe(100);
  await expect(journal.append([textEntry("no")])).rejects.toThrow(/ENOSPC/);
  faults.full = false;
  await journal.trim(90);
  await writable(journal).toBe(true);
  expect(await journal.append([textEntry("yes")])).toBe(101);
  await journal.close();
});

test("does not resume behind acknowledged entries that are damaged", async () => {
  const faults = new FaultyFiles();
  const journal = await open("damaged", faults);
  await journal.append([textEntry("good")]);
  faults.write = "before";
  await expect(journal.append([textEntry("lost")])).rejects.toThrow(JournalUnavailable);
  const path = join(
    root,
    "damaged",
    readdirSync(join(root, "damaged")).find((name) => name.endsWith(".segment"))!,
  );
  const bytes = readFileSync(path);
  bytes[90]! ^= 1;
  writeFileSync(path, bytes);
  faults.write = "none";
  await expect.poll(() => journal.status().problem).toContain("damaged or missing");
  await expect(journal.append([textEntry("no")])).rejects.toThrow(path);
  await journal.close();
});

test("a disk slower than its callers: the queue is bounded, the rest refused, nothing accepted is lost", async () => {
  const faults = new FaultyFiles();
  const journal = await open("slow", faults, { queueBytes: 20_000 });
  const { promise, resolve } = Promise.withResolvers<void>();
  faults.gate = () => promise;
  const appends = Array.from({ length: 100 }, (_, i) => journal.append([textEntry(`${i} `.padEnd(1000, "s"))]));
  await expect(appends[99]).rejects.toThrow(/overloaded/);
  resolve();
  const results = await Promise.allSettled(appends);
  const accepted = results.flatMap((result, i) => (result.status === "fulfilled" ? [`${i} `.padEnd(1000, "s")] : []));
  expect(accepted.length).toBeGreaterThan(10);
  expect(accepted.length).toBeLessThan(20);
  expect((await readAll(journal)).map(textOf)).toEqual(accepted);
  // The queue is empty again.
  await journal.append([textEntry("x".repeat(19_000))]);
  await journal.close();
});

test("followers at the head do not touch the disk, old entries come from it", async () => {
  const faults = new FaultyFiles();
  const journal = await openSegmentJournal({
    directory: join(root, "head"),
    logger,
    segmentBytes: 256 * 1024,
    files: faults.files,
    recentBytes: 100_000,
  });
  faults.reads = 0;
  const signal = new AbortController().signal;
  for (let i = 0; i < 50; i++) {
    await journal.append([textEntry(`${i} `.padEnd(1000, "h"))]);
    await journal.wait(i, signal);
    expect(textOf((await journal.read(i, 10))[0]!)).toMatch(`${i} h`);
  }
  expect(faults.reads).toBe(0);
  for (let i = 50; i < 150; i++) await journal.append([textEntry(`${i} `.padEnd(1000, "h"))]);
  faults.reads = 0;
  expect((await readAll(journal, 0, 10)).length).toBe(150);
  const cold = faults.reads;
  expect(cold).toBeGreaterThan(0);
  expect(cold).toBeLessThan(10);
  await journal.close();
});
