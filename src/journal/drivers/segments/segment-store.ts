import { join } from "node:path";
import type { Logger } from "../../../base/logger.ts";
import { JournalTrimmed, type Position, type StoredEntry } from "../../journal.ts";
import type { DiskFiles } from "./disk-files.ts";
import { segmentFileName } from "./layout.ts";
import { scanSegment } from "./scan-segment.ts";
import { sealSegment } from "./seal-segment.ts";
import type { Segment } from "./segment.ts";
import { SegmentList } from "./segment-list.ts";
import { SpanReader } from "./span-reader.ts";

/**
 * Full segments that stay raw. Readers that keep up let a segment be trimmed soon after it is full: compressing it would be
 * work for nothing, and cost a busy journal a third of its throughput on two cores.
 */
const KEPT_RAW = 2;

/** The segments on disk: reading them, compressing the full ones, removing the old ones. */
export class SegmentStore {
  readonly list = new SegmentList();
  readonly #files: DiskFiles;
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #reader: SpanReader;
  /** Sealing and trimming, one after the other. */
  #upkeep: Promise<void> = Promise.resolve();
  #stopped = false;
  #removalUnsynced = false;

  constructor(files: DiskFiles, directory: string, cacheBytes: number, logger: Logger) {
    this.#files = files;
    this.#directory = directory;
    this.#logger = logger;
    this.#reader = new SpanReader(files, cacheBytes);
  }

  /** Entries around `position`, which MUST be durable. Throws `JournalTrimmed`, `JournalCorrupt`, or the file system's error. */
  async around(position: Position): Promise<readonly StoredEntry[]> {
    for (;;) {
      const segment = this.list.holding(position);
      const span = segment?.spanOf(position);
      if (segment === undefined || span === undefined) {
        if (position < this.list.first) throw trimmed(position, this.list.first);
        throw new Error(`BUG: no segment holds position ${position}`);
      }
      try {
        return await this.#reader.read(segment, span);
      } catch (error) {
        // Sealed or trimmed meanwhile: look again. A segment that is still listed does not come right by itself.
        if (this.list.has(segment)) throw error;
      }
    }
  }

  /** Reads back what was acknowledged of a segment. Throws `JournalCorrupt` where it is not all there. */
  async verify(segment: Segment): Promise<void> {
    const bytes = await this.#files.read(segment.path, 0, segment.end);
    scanSegment(bytes, segment.path, segment, segment.last);
  }

  /** Compresses full segments, but for the newest ones, in the background. A failure is logged; the raw form serves as well until the next time. */
  sealFull(): void {
    void this.#inTurn(async () => {
      for (const segment of this.list.unsealed(KEPT_RAW)) {
        if (this.#stopped) return;
        try {
          this.list.replace(segment, await sealSegment(this.#files, segment));
          this.#reader.forget(segment.path);
          await this.#files.remove(segment.path);
        } catch (error) {
          this.#logger.warn({ err: error, path: segment.path }, "journal: could not compress a full segment");
          return;
        }
      }
    });
  }

  /** Removes segments that hold nothing after `position`. */
  trim(position: Position): Promise<void> {
    return this.#inTurn(async () => {
      for (const segment of this.list.upTo(position)) {
        // One name at a time: after a power cut the oldest may be back, but there is never a hole behind them. Hence nothing
        // goes before it is certain that the one before it is gone.
        if (this.#removalUnsynced) await this.#syncRemoval();
        this.list.remove(segment);
        this.#reader.forget(segment.path);
        try {
          // Its raw form may be there still where sealing was interrupted, and the sealed one where that was not finished.
          for (const path of this.#forms(segment).filter((path) => path !== segment.path)) await this.#files.remove(path);
          await this.#files.remove(segment.path);
        } catch (error) {
          this.list.restore(segment);
          throw error;
        }
        this.#removalUnsynced = true;
        await this.#syncRemoval();
      }
    });
  }

  /** Lets the step in hand finish. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#upkeep;
  }

  async #syncRemoval(): Promise<void> {
    await this.#files.syncDirectory(this.#directory);
    this.#removalUnsynced = false;
  }

  #forms({ base }: Segment): readonly string[] {
    return (["segment", "sealed"] as const).map((form) => join(this.#directory, segmentFileName(base, form)));
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const before = this.#upkeep;
    const done = (async () => {
      await before;
      await step();
    })();
    this.#upkeep = done.catch(() => {});
    return done;
  }
}

export function trimmed(position: Position, first: Position): JournalTrimmed {
  return new JournalTrimmed(`position ${position} was trimmed; the oldest one held is ${first}`);
}
