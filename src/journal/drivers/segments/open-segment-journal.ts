import { dirname, resolve } from "node:path";
import type { Logger } from "../../../base/logger.ts";
import { makeDirectory } from "../../../base/sync-directory.ts";
import type { Journal } from "../../journal.ts";
import { readDamageRecord } from "./damage-record.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { type DiskFiles, diskFiles } from "./disk-files.ts";
import { SEGMENT_BYTES } from "./layout.ts";
import { loadSegments } from "./load-segments.ts";
import { SegmentJournal } from "./segment-journal.ts";
import { SegmentStore } from "./segment-store.ts";
import { SegmentWriter } from "./segment-writer.ts";

export interface SegmentJournalOptions {
  /** Created where missing. One process at a time. */
  readonly directory: string;
  readonly logger: Logger;
  /** Preallocated bytes of a file; default 16 MiB. */
  readonly segmentBytes?: number;
  /** Bytes of appends that may wait for the disk before more are refused; default 64 MiB. */
  readonly queueBytes?: number;
  /** Bytes of newest entries kept in memory for readers; default 16 MiB. */
  readonly recentBytes?: number;
  /** Bytes of older entries kept after they were read from disk; default 8 MiB. */
  readonly cacheBytes?: number;
  /** Called with each segment that is begun: another stretch of the disk is taken. MUST NOT throw. */
  readonly onSegment?: () => void;
  /** Default: the real ones. */
  readonly files?: DiskFiles;
}

const MIB = 1024 * 1024;

/**
 * Opens a journal of own segments, checking all that is stored. Throws `JournalUnavailable` where another process has it open
 * and `JournalCorrupt` where stored data is broken. A disk that cannot be written does not keep it from opening: `status` says so.
 */
export async function openSegmentJournal(options: SegmentJournalOptions): Promise<Journal> {
  const { logger, files = diskFiles, segmentBytes = SEGMENT_BYTES } = options;
  const directory = resolve(options.directory);
  makeDirectory(directory);
  await files.syncDirectory(dirname(directory));
  const lock = DirectoryLock.take(directory);
  try {
    const store = new SegmentStore(files, directory, options.cacheBytes ?? 8 * MIB, logger);
    const resumable = await loadSegments(files, directory, store.list, logger);
    const writer = new SegmentWriter(files, directory, segmentBytes);
    const queueBytes = options.queueBytes ?? 64 * MIB;
    const recentBytes = options.recentBytes ?? 16 * MIB;
    const onSegment = options.onSegment ?? (() => {});
    const lost = await readDamageRecord(directory);
    if (lost.length > 0) logger.warn({ directory, lost }, "journal: entries were lost to damage that was set aside");
    const parts = { directory, lock, store, writer, logger, queueBytes, recentBytes, lost, onSegment };
    const journal = new SegmentJournal(parts, resumable);
    await journal.settled();
    return journal;
  } catch (error) {
    lock.release();
    throw error;
  }
}
