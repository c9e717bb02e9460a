import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Position } from "../../journal.ts";
import { SALT_BYTES, encodeBlock } from "./block.ts";
import type { DiskFiles, DurableFile } from "./disk-files.ts";
import { PREPARED_NAME, segmentFileName } from "./layout.ts";
import { Segment } from "./segment.ts";
import { encodeSegmentHeader } from "./segment-header.ts";
import { isLackOfSpace, segmentSizes } from "./segment-size.ts";

interface Prepared {
  readonly salt: Buffer;
  readonly bytes: number;
}

interface Active {
  readonly segment: Segment;
  readonly file: DurableFile;
  /** Whether the newest block is the mark of an orderly close (or there is none at all). */
  marked: boolean;
}

/**
 * The newest segment, written block by block, and the file that will come after it, zeroed in advance: overwriting zeros
 * needs no file system metadata to reach the disk, which saves a quarter of each sync, and a full disk shows before anything
 * is accepted for it. Where space is short the file is smaller.
 *
 * After any error the owner MUST call `abandon`; the file is never written or synced again.
 */
export class SegmentWriter {
  readonly #files: DiskFiles;
  readonly #directory: string;
  readonly #segmentBytes: number;
  #active: Active | undefined;
  #prepared: Promise<Prepared> | undefined;

  constructor(files: DiskFiles, directory: string, segmentBytes: number) {
    this.#files = files;
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
  }

  /** Goes on behind the newest block of a segment that is known to be whole. */
  async resume(segment: Segment): Promise<void> {
    this.#active = { segment, file: await this.#files.openDurable(segment.path), marked: false };
  }

  /** The segment that the next block of so many bytes goes to; a new one from `base` on where the present one is full. */
  async segmentFor(bytes: number, base: Position): Promise<Segment> {
    const segment = this.#active?.segment;
    if (segment !== undefined && (segment.end + bytes <= segment.fileBytes || segment.last < segment.base)) return segment;
    return this.begin(base);
  }

  /** Begins a new segment and lets go of the present one. Replaces a file of that base, which MUST hold nothing acknowledged. */
  async begin(base: Position): Promise<Segment> {
    const prepared = this.#prepared ?? this.#prepare();
    this.#prepared = undefined;
    const { salt, bytes } = await prepared;
    const path = join(this.#directory, segmentFileName(base, "segment"));
    await this.#files.rename(join(this.#directory, PREPARED_NAME), path);
    await this.#files.syncDirectory(this.#directory);
    const file = await this.#files.openDurable(path);
    await this.abandon();
    const segment = new Segment(base, path, "segment", salt, bytes);
    this.#active = { segment, file, marked: true };
    return segment;
  }

  /** Writes a block behind the newest one; durable and noted when it resolves. */
  async write(block: Buffer, count: number): Promise<void> {
    const active = this.#active;
    if (active === undefined) throw new Error("BUG: no segment is open for writing");
    const { segment, file } = active;
    await file.write(block, segment.end);
    segment.note(count, block.length);
    active.marked = count === 0;
    if (this.#prepared === undefined && segment.end > segment.fileBytes / 2) {
      const prepared = this.#prepare();
      this.#prepared = prepared;
      // Whoever needs the file meanwhile meets the error; later ones try again.
      prepared.catch(() => {
        if (this.#prepared === prepared) this.#prepared = undefined;
      });
    }
  }

  /** Lets go of the present segment, in whatever state it is. */
  async abandon(): Promise<void> {
    const active = this.#active;
    this.#active = undefined;
    // A failed close says nothing new: every write was synced, or its failure was reported.
    await active?.file.close().catch(() => {});
  }

  /**
   * Marks an orderly close behind the newest block, so that a damaged one can never pass for a torn tail later.
   */
  async close(): Promise<void> {
    const active = this.#active;
    try {
      if (active?.marked === false) await this.write(encodeBlock([], active.segment.last + 1, active.segment.salt), 0);
    } finally {
      await this.abandon();
      await this.#prepared?.catch(() => {});
      await this.#files.remove(join(this.#directory, PREPARED_NAME));
    }
  }

  async #prepare(): Promise<Prepared> {
    const path = join(this.#directory, PREPARED_NAME);
    const salt = randomBytes(SALT_BYTES);
    const sizes = segmentSizes(this.#segmentBytes, await this.#files.freeBytes(this.#directory).catch(() => Infinity));
    for (const [at, bytes] of sizes.entries()) {
      // What an attempt that failed could not remove: a file whose sync failed is not written again.
      await this.#files.remove(path);
      try {
        await this.#files.preallocate(path, encodeSegmentHeader(salt), bytes);
        return { salt, bytes };
      } catch (error) {
        // On a full disk half a file of zeros would keep the last of it from everybody else.
        await this.#files.remove(path).catch(() => {});
        if (!isLackOfSpace(error) || at === sizes.length - 1) throw error;
      }
    }
    throw new Error("BUG: no size for a segment");
  }
}
