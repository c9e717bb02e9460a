import type { StoredEntry } from "../../journal.ts";
import { decodeBlock } from "./decode-block.ts";
import type { DiskFiles } from "./disk-files.ts";
import { corrupt } from "./scan-segment.ts";
import type { Segment, Span } from "./segment.ts";
import { walkBlocks } from "./walk-blocks.ts";

interface CachedSpan {
  readonly entries: Promise<readonly StoredEntry[]>;
  bytes: number;
}

/** Reads spans from disk, checked and decompressed, and keeps the last few for readers that are close to each other. */
export class SpanReader {
  readonly #files: DiskFiles;
  readonly #cacheBytes: number;
  readonly #cache = new Map<string, CachedSpan>();
  #cachedBytes = 0;

  constructor(files: DiskFiles, cacheBytes: number) {
    this.#files = files;
    this.#cacheBytes = cacheBytes;
  }

  /** All entries of a span. Throws `JournalCorrupt`, or the file system's error. */
  read(segment: Segment, span: Span): Promise<readonly StoredEntry[]> {
    if (!span.complete) return this.#load(segment, span, ignore);
    const key = `${segment.path}:${span.number}`;
    const known = this.#cache.get(key);
    if (known !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, known);
      return known.entries;
    }
    let weight = 0;
    const cached: CachedSpan = { entries: this.#load(segment, span, (bytes) => (weight += bytes)), bytes: 0 };
    this.#cache.set(key, cached);
    cached.entries.then(
      () => this.#weigh(key, cached, weight),
      () => this.#drop(key, cached),
    );
    return cached.entries;
  }

  /** Forgets the spans of a file that is gone. */
  forget(path: string): void {
    for (const [key, cached] of this.#cache) if (key.startsWith(`${path}:`)) this.#drop(key, cached);
  }

  #weigh(key: string, cached: CachedSpan, bytes: number): void {
    if (this.#cache.get(key) !== cached) return;
    cached.bytes = bytes;
    this.#cachedBytes += bytes;
    for (const [oldest, entry] of this.#cache) {
      if (this.#cachedBytes <= this.#cacheBytes) return;
      this.#drop(oldest, entry);
    }
  }

  #drop(key: string, cached: CachedSpan): void {
    if (this.#cache.get(key) !== cached) return;
    this.#cache.delete(key);
    this.#cachedBytes -= cached.bytes;
  }

  async #load(segment: Segment, span: Span, weigh: (bytes: number) => void): Promise<readonly StoredEntry[]> {
    const bytes = await this.#files.read(segment.path, span.offset, span.bytes);
    if (bytes.length < span.bytes) throw corrupt(segment.path, span.offset + bytes.length, "file ends early");
    const entries: StoredEntry[] = [];
    for (const block of walkBlocks(bytes, segment, span.offset, span.first)) {
      const decoded = await decodeBlock(block, segment);
      for (const entry of decoded.entries) entries.push(entry);
      weigh(decoded.bytes);
    }
    return entries;
  }
}

const ignore = (): void => {};
