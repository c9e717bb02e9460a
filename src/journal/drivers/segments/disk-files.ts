import fs, { constants } from "node:fs";
import { open, readdir, rename, rm, stat, statfs, truncate } from "node:fs/promises";

/** What the journal asks of a file system. `diskFiles` is the only one outside tests, which put faults in front of it. */
export interface DiskFiles {
  list(directory: string): Promise<readonly string[]>;
  size(path: string): Promise<number>;
  /** What is left for this user where `directory` is; Infinity where that is not known. */
  freeBytes(directory: string): Promise<number>;
  /** `length` bytes from `offset`, fewer at the end of the file. */
  read(path: string, offset: number, length: number): Promise<Buffer>;
  /** Creates or replaces a file: `start`, then zeros up to `bytes`; durable when it resolves (its name is not). */
  preallocate(path: string, start: Uint8Array, bytes: number): Promise<void>;
  /** Creates or replaces a file out of parts; durable when it resolves (its name is not). */
  write(path: string, parts: AsyncIterable<Uint8Array>): Promise<void>;
  openDurable(path: string): Promise<DurableFile>;
  /** Makes durable what was written to `path`, by whomever. */
  sync(path: string): Promise<void>;
  /** Shortens a file durably. */
  truncate(path: string, bytes: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** No error where there is none. */
  remove(path: string): Promise<void>;
  /** Makes names that were created, renamed or removed in it durable. */
  syncDirectory(directory: string): Promise<void>;
}

export interface DurableFile {
  /** Writes all of `bytes` at `offset`; they survive a power cut when it resolves. After an error the file MUST NOT be written again. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  close(): Promise<void>;
}

const ZEROS = Buffer.alloc(4 * 1024 * 1024);

/*
 * On Linux O_DSYNC makes write and sync one call, and one trip to the thread pool. Elsewhere the flag is missing or weaker
 * than fdatasync (on macOS only the latter empties the drive's cache).
 */
const SYNC_ON_WRITE = process.platform === "linux";

export const diskFiles: DiskFiles = {
  list: (directory) => readdir(directory),
  size: async (path) => (await stat(path)).size,

  async freeBytes(directory) {
    const { bavail, blocks, bsize } = await statfs(directory);
    // Some network file systems have no figures.
    return blocks === 0 ? Infinity : bavail * bsize;
  },

  read: (path, offset, length) =>
    naming(path, async () => {
      await using file = await open(path, "r");
      const bytes = Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    }),

  preallocate: (path, start, bytes) =>
    naming(path, async () => {
      await using file = await open(path, "w", 0o600);
      await file.writeFile(start);
      for (let at = start.length; at < bytes; at += ZEROS.length) {
        await file.writeFile(ZEROS.subarray(0, Math.min(ZEROS.length, bytes - at)));
        // Piece by piece: one sync of the whole holds up the appends that are being synced meanwhile.
        await file.datasync();
      }
      await file.sync();
    }),

  write: (path, parts) =>
    naming(path, async () => {
      await using file = await open(path, "w", 0o600);
      for await (const part of parts) await file.writeFile(part);
      await file.sync();
    }),

  async openDurable(path) {
    const flags = constants.O_WRONLY | (SYNC_ON_WRITE ? constants.O_DSYNC : 0);
    const fd = await new Promise<number>((resolve, reject) => {
      fs.open(path, flags, (error, fd) => (error === null ? resolve(fd) : reject(error)));
    });
    return new OpenFile(fd, path);
  },

  sync: (path) =>
    naming(path, async () => {
      await using file = await open(path, "r+");
      await file.sync();
    }),

  async truncate(path, bytes) {
    await truncate(path, bytes);
    await diskFiles.sync(path);
  },

  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),

  syncDirectory: (directory) =>
    naming(directory, async () => {
      // Windows cannot open a directory; there, names are durable with the file system's own journal.
      if (process.platform === "win32") return;
      await using handle = await open(directory, "r");
      await handle.sync();
    }),
};

async function naming<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw named(error, path);
  }
}

/** Errors of reads, writes and syncs do not say by themselves which file they are about. */
function named(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("syscall" in error) || "path" in error) return error;
  error.message += ` '${path}'`;
  return Object.assign(error, { path });
}

/** By descriptor and callback: a FileHandle costs several microseconds more for each write. */
class OpenFile implements DurableFile {
  readonly #fd: number;
  readonly #path: string;

  constructor(fd: number, path: string) {
    this.#fd = fd;
    this.#path = path;
  }

  write(bytes: Uint8Array, offset: number): Promise<void> {
    const fd = this.#fd;
    return new Promise((resolve, reject) => {
      let done = 0;
      const next = (error: Error | null, written: number): void => {
        done += written;
        if (error !== null) reject(named(error, this.#path));
        else if (done < bytes.length) fs.write(fd, bytes, done, bytes.length - done, offset + done, next);
        else if (SYNC_ON_WRITE) resolve();
        else fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(named(error, this.#path))));
      };
      fs.write(fd, bytes, 0, bytes.length, offset, next);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.close(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
  }
}
