import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync } from "node:fs";
import { copyFile, link } from "node:fs/promises";
import { join } from "node:path";
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Stretch } from "./stored.ts";

/**
 * The bytes of objects and parts: one file each, written once, never changed. A file that is removed while somebody
 * reads it goes when the last reader is done.
 */
export class BodyFiles {
  readonly #directory: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Writes the stream, sent through `stages`, to a new file, flushed to the disk. On failure nothing is left behind. */
  async write(body: Readable, stages: readonly Transform[], signal: AbortSignal): Promise<Stretch> {
    const file = randomUUID();
    const path = this.#path(file);
    const target = createWriteStream(path, { flags: "wx", flush: true });
    try {
      await pipeline([body, ...stages, target], { signal });
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
    return { file, size: target.bytesWritten };
  }

  /** The same bytes under other names, so that either may be removed. Nothing is copied where the file system has links. */
  async share(body: readonly Stretch[]): Promise<readonly Stretch[]> {
    const shared: Stretch[] = [];
    const release = this.#hold(body);
    try {
      for (const { file, size } of body) {
        const copy = { file: randomUUID(), size };
        // Some file systems have no links, others no more than 65,000 to one file.
        await link(this.#path(file), this.#path(copy.file)).catch(() => copyFile(this.#path(file), this.#path(copy.file)));
        shared.push(copy);
      }
    } catch (error) {
      this.remove(shared);
      throw error;
    } finally {
      release();
    }
    return shared;
  }

  /** Octets `first` to `last` (inclusive) of a body, one file open at a time. The stream MUST be read or destroyed. */
  read(body: readonly Stretch[], first: number, last: number): Readable {
    const path = (file: string): string => this.#path(file);
    async function* pieces(): AsyncIterable<Uint8Array> {
      let start = 0;
      for (const { file, size } of body) {
        const from = Math.max(first - start, 0);
        const to = Math.min(last - start, size - 1);
        if (from <= to) yield* createReadStream(path(file), { start: from, end: to }) as AsyncIterable<Uint8Array>;
        start += size;
      }
    }
    const stream = Readable.from(pieces(), { objectMode: false, highWaterMark: 65_536 });
    stream.once("close", this.#hold(body));
    return stream;
  }

  remove(body: readonly Stretch[]): void {
    for (const { file } of body) {
      if (this.#readers.has(file)) this.#doomed.add(file);
      else rmSync(this.#path(file), { force: true });
    }
  }

  /** Removes every file that is not in `named`: what a crash has left behind. Answers how many. */
  sweep(named: ReadonlySet<string>): number {
    const orphans = readdirSync(this.#directory).filter((file) => !named.has(file));
    for (const file of orphans) rmSync(this.#path(file), { force: true });
    return orphans.length;
  }

  #hold(body: readonly Stretch[]): () => void {
    for (const { file } of body) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    return () => {
      for (const { file } of body) {
        const left = (this.#readers.get(file) ?? 1) - 1;
        if (left > 0) this.#readers.set(file, left);
        else {
          this.#readers.delete(file);
          if (this.#doomed.delete(file)) rmSync(this.#path(file), { force: true });
        }
      }
    };
  }

  #path(file: string): string {
    return join(this.#directory, file);
  }
}
