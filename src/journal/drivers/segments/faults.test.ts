import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { createLogger } from "../../../base/logger.ts";
import { type Journal, JournalUnavailable } from "../../journal.ts";
import { readAll, textEntry, textOf } from "../../journal.contract.ts";
import { type DiskFiles, diskFiles } from "./disk-files.ts";
import { openSegmentJournal } from "./open-segment-journal.ts";

const root = mkdtempSync(join(tmpdir(), "journal-faults-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const logger = createLogger("silent");

const CALLS = ["preallocate", "write", "openDurable", "append", "sync", "truncate", "rename", "remove", "syncDirectory"] as const;
type Call = (typeof CALLS)[number];

/** Names are removed for many reasons; a segment that is trimmed is to be among them. */
const NTH: Partial<Record<Call, readonly number[]>> = { remove: [1, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16] };

/**
 * The real files, of which the nth call of one kind fails, before or after it took effect. Notes what is written or synced again
 * after that failed, without having been removed or replaced in between.
 */
class OneFault {
  readonly writtenAgain: string[] = [];
  readonly #spoiled = new Set<string>();
  #left: number;
  readonly #kind: Call;
  readonly #code: string;
  readonly #when: "before" | "after";
  happened = false;

  constructor(kind: Call, nth: number, code: string, when: "before" | "after") {
    [this.#kind, this.#left, this.#code, this.#when] = [kind, nth, code, when];
  }

  async #run<Result>(kind: Call, path: string, work: () => Promise<Result>): Promise<Result> {
    const writes = ["preallocate", "write", "append", "sync", "truncate"].includes(kind);
    if (writes && this.#spoiled.has(path)) this.writtenAgain.push(`${kind} ${path}`);
    if (kind !== this.#kind || --this.#left !== 0) return work();
    this.happened = true;
    if (this.#when === "after") await work();
    else if (kind === "preallocate" || kind === "write") writeFileSync(path, "half of it");
    if (writes) this.#spoiled.add(path);
    throw Object.assign(new Error(`${this.#code}: injected`), { code: this.#code });
  }

  readonly files: DiskFiles = {
    ...diskFiles,
    preallocate: (path, start, bytes) => this.#run("preallocate", path, () => diskFiles.preallocate(path, start, bytes)),
    write: (path, parts) => this.#run("write", path, () => diskFiles.write(path, parts)),
    sync: (path) => this.#run("sync", path, () => diskFiles.sync(path)),
    truncate: (path, bytes) => this.#run("truncate", path, () => diskFiles.truncate(path, bytes)),
    syncDirectory: (path) => this.#run("syncDirectory", path, () => diskFiles.syncDirectory(path)),
    remove: (path) =>
      this.#run("remove", path, async () => {
        await diskFiles.remove(path);
        this.#spoiled.delete(path);
      }),
    rename: (from, to) =>
      this.#run("rename", to, async () => {
        await diskFiles.rename(from, to);
        this.#spoiled.delete(to);
        if (this.#spoiled.delete(from)) this.writtenAgain.push(`rename of ${from}`);
      }),
    openDurable: (path) =>
      this.#run("openDurable", path, async () => {
        const file = await diskFiles.openDurable(path);
        return {
          close: () => file.close(),
          write: (bytes, offset) => this.#run("append", path, () => file.write(bytes, offset)),
        };
      }),
  };
}

let journals = 0;
/** Two entries, and a third of which the end is missing. */
async function afterCrash(): Promise<string> {
  const directory = join(root, `journal-${journals++}`);
  const journal = await open(directory, diskFiles);
  for (const text of ["one", "two", "three"]) await journal.append([textEntry(text)]);
  const path = join(directory, "00000000000000000001.segment");
  const bytes = readFileSync(path);
  await journal.close();
  writeFileSync(path, bytes.fill(0, bytes.findLastIndex((byte) => byte !== 0) - 2));
  return directory;
}

const open = (directory: string, files: DiskFiles): Promise<Journal> =>
  openSegmentJournal({ directory, logger, segmentBytes: 8 * 1024, recentBytes: 0, files });

describe.each(CALLS)("%s fails once", (kind) => {
  test("nothing acknowledged is lost, and recording goes on by itself", { timeout: 120_000 }, async () => {
    let happened = 0;
    for (const when of ["before", "after"] as const) {
      for (const nth of NTH[kind] ?? [1, 2, 5]) {
        const code = nth === 1 ? "EIO" : "ENOSPC";
        const directory = await afterCrash();
        const fault = new OneFault(kind, nth, code, when);
        // What fails at the start is said by the start; the next one is as good as the first.
        const journal = await open(directory, fault.files).catch(async () => await open(directory, fault.files));
        const [acknowledged, possible] = [new Map<number, string>(), new Set(["one", "two"])];
        for (let i = 0; i < 40; i++) {
          const text = `${i} `.padEnd(1000, "x");
          possible.add(text);
          const first = await journal.append([textEntry(text)]).catch((error: unknown) => {
            expect(error).toBeInstanceOf(JournalUnavailable);
            return undefined;
          });
          if (first !== undefined) acknowledged.set(first, text);
          if (!journal.status().writable) await vi.waitUntil(() => journal.status().writable, { timeout: 30_000 });
          if (i % 10 === 9) await journal.trim(i - 8).catch((error: Error) => expect(error.message).toContain("injected"));
        }
        const check = async (checked: Journal): Promise<void> => {
          const { first, last } = checked.status();
          const found = await readAll(checked, first - 1);
          for (const entry of found) expect(possible).toContain(textOf(entry));
          for (const [position, text] of acknowledged) {
            if (position >= first) expect(textOf(found[position - first]!)).toBe(text);
          }
          expect(last).toBe(first - 1 + found.length);
          expect(first).toBeLessThanOrEqual(32);
          if (first === 1) expect(found.slice(0, 2).map(textOf)).toEqual(["one", "two"]);
        };
        await check(journal);
        await journal.close();
        const reopened = await open(directory, diskFiles);
        await check(reopened);
        await reopened.close();
        expect(fault.writtenAgain).toEqual([]);
        happened += Number(fault.happened);
      }
    }
    expect(happened).toBeGreaterThan(1);
  });
});
