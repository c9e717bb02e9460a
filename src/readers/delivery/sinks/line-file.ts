import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { makeDirectory, syncDirectory } from "../../../base/sync-directory.ts";

/** How far back a torn line is looked for: no record is longer. */
const LONGEST_LINE = 2 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * A file of lines that is only ever appended to, and may be moved away by whoever rotates it: what comes then goes into a new
 * file of that name. For one writer.
 */
export class LineFile {
  readonly #path: string;
  #handle: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** On the disk when it resolves; where it rejects, nothing of it is left in the file, or it is taken out before the next. */
  async append(lines: Uint8Array): Promise<void> {
    const handle = await this.#current();
    const stats = await handle.stat();
    try {
      await handle.appendFile(lines);
      if (stats.isFile()) await handle.datasync();
    } catch (error) {
      if (stats.isFile()) await handle.truncate(stats.size).catch(() => {});
      await this.close();
      throw error;
    }
  }

  /** Not while lines are being appended. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => {});
  }

  async #current(): Promise<FileHandle> {
    if (this.#handle !== undefined && !(await this.#isThere(this.#handle))) await this.close();
    this.#handle ??= await this.#open();
    return this.#handle;
  }

  async #isThere(handle: FileHandle): Promise<boolean> {
    const [ours, theirs] = await Promise.all([handle.stat(), stat(this.#path).catch(() => undefined)]);
    return theirs !== undefined && ours.ino === theirs.ino && ours.dev === theirs.dev;
  }

  async #open(): Promise<FileHandle> {
    makeDirectory(dirname(this.#path));
    const handle = await open(this.#path, "a+", 0o600);
    try {
      await mendEnd(handle);
      syncDirectory(dirname(this.#path));
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

/**
 * What a crash left of a line is taken out: its event comes again. An end that is none of our records is not ours to take; it
 * becomes a line of its own.
 */
async function mendEnd(handle: FileHandle): Promise<void> {
  const stats = await handle.stat();
  if (!stats.isFile() || stats.size === 0) return;
  const start = Math.max(0, stats.size - LONGEST_LINE);
  const end = Buffer.alloc(stats.size - start);
  await handle.read(end, 0, end.length, start);
  if (end.at(-1) === NEWLINE) return;
  const torn = end.subarray(end.lastIndexOf(NEWLINE) + 1);
  const isWhole = torn.length < end.length || start === 0;
  if (isWhole && isBeginningOfRecord(torn)) await handle.truncate(stats.size - torn.length);
  else await handle.appendFile("\n");
}

const BEGINNING = Buffer.from('{"eventVersion":"');

function isBeginningOfRecord(torn: Uint8Array): boolean {
  const length = Math.min(torn.length, BEGINNING.length);
  return BEGINNING.subarray(0, length).equals(torn.subarray(0, length));
}
