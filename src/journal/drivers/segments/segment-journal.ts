import type { Logger } from "../../../base/logger.ts";
import {
  type Journal,
  type JournalEntry,
  type JournalStatus,
  JournalUnavailable,
  type LostEntries,
  type Position,
  type StoredEntry,
} from "../../journal.ts";
import { type AppendGroup, AppendQueue } from "./append-queue.ts";
import { blockBytes, encodeBlock } from "./block.ts";
import { checkEntries } from "./check-entries.ts";
import type { DirectoryLock } from "./directory-lock.ts";
import { Followers } from "./followers.ts";
import { RecentBlocks } from "./recent-blocks.ts";
import type { Segment } from "./segment.ts";
import { type SegmentStore, trimmed } from "./segment-store.ts";
import type { SegmentWriter } from "./segment-writer.ts";

/** A batch ends early past this many bytes, so that a reader's memory does not depend on the size of bodies. */
const READ_BYTES = 8 * 1024 * 1024;
/** Between attempts to write again after a failure; doubles from the first to the last. */
const RECOVERY_MILLISECONDS = { first: 100, most: 5_000 };

export interface SegmentJournalParts {
  readonly directory: string;
  readonly lock: DirectoryLock;
  readonly store: SegmentStore;
  readonly writer: SegmentWriter;
  readonly logger: Logger;
  readonly queueBytes: number;
  readonly recentBytes: number;
  readonly lost: readonly LostEntries[];
  /** Called with each segment that is begun. */
  readonly onSegment: () => void;
}

/*
 * Life of an append
 *   1  append        checks the entries, queues them (bounded), schedules a flush
 *   2  flush         takes what has queued up meanwhile, encodes it as one block
 *   3  writer        writes the block behind the newest one and syncs it (in the thread pool), in a new segment when full
 *   4  publish       the block becomes readable, appends resolve, followers wake
 *   5  seal          a full segment that is not trimmed soon is rewritten in compressed blocks, beside the traffic
 *   6  trim          whole segments are unlinked
 *
 * A failure at 3 rejects the group and all that is queued, and the file is not touched again: after a failed fsync the
 * kernel may call pages clean that never reached the disk. Recovery checks what was acknowledged and begins a new segment
 * behind it; the base of that one says where the entries of the failed file end.
 */
export class SegmentJournal implements Journal {
  readonly #directory: string;
  readonly #lock: DirectoryLock;
  readonly #store: SegmentStore;
  readonly #writer: SegmentWriter;
  readonly #logger: Logger;
  readonly #queue: AppendQueue;
  readonly #recent: RecentBlocks;
  readonly #followers = new Followers();
  readonly #lost: readonly LostEntries[];
  readonly #onSegment: () => void;
  #last: Position;
  #flushing: Promise<void> | undefined;
  #problem: string | undefined;
  #recovery: NodeJS.Timeout | undefined;
  #recovering: Promise<void> | undefined;
  #recoveryDelay = RECOVERY_MILLISECONDS.first;
  #closing: Promise<void> | undefined;

  /** Writing goes on in `resumable`, or in a new segment where that is undefined. */
  constructor(parts: SegmentJournalParts, resumable: Segment | undefined) {
    this.#directory = parts.directory;
    this.#lock = parts.lock;
    this.#store = parts.store;
    this.#writer = parts.writer;
    this.#logger = parts.logger;
    this.#queue = new AppendQueue(parts.queueBytes);
    this.#recent = new RecentBlocks(parts.recentBytes);
    this.#lost = parts.lost;
    this.#onSegment = parts.onSegment;
    this.#last = parts.store.list.newest?.last ?? 0;
    this.#recovering = this.#begin(resumable);
    this.#store.sealFull();
  }

  /** Resolves when it is known whether entries can be written. */
  async settled(): Promise<void> {
    await this.#recovering;
  }

  async append(entries: readonly JournalEntry[]): Promise<Position> {
    checkEntries(entries);
    if (this.#closing !== undefined) throw closed();
    if (this.#problem !== undefined) throw new JournalUnavailable(this.#problem);
    const appended = this.#queue.add(entries);
    this.#flushing ??= this.#flush();
    return await appended;
  }

  async read(after: Position, limit: number): Promise<readonly StoredEntry[]> {
    if (!Number.isSafeInteger(after) || after < 0) throw new RangeError(`no position: ${after}`);
    if (!(limit >= 1)) throw new RangeError(`no limit: ${limit}`);
    if (this.#closing !== undefined) throw closed();
    if (after < this.#last && after + 1 < this.#store.list.first) throw trimmed(after + 1, this.#store.list.first);
    const last = this.#last;
    const read: StoredEntry[] = [];
    let bytes = 0;
    let position = after + 1;
    while (position <= last && read.length < limit && bytes < READ_BYTES) {
      const entries = this.#recent.holding(position) ?? (await this.#store.around(position));
      const start = indexOf(entries, position);
      for (let i = start; i < entries.length && read.length < limit && bytes < READ_BYTES; i++) {
        const entry = entries[i];
        if (entry === undefined || entry.position > last) break;
        read.push(entry);
        bytes += entry.head.length + entry.body.length;
      }
      position = (read.at(-1)?.position ?? position) + 1;
    }
    return read;
  }

  async wait(after: Position, signal: AbortSignal): Promise<void> {
    if (this.#closing !== undefined) throw closed();
    if (after < this.#last) return;
    await this.#followers.wait(after, signal);
  }

  async trim(upTo: Position): Promise<void> {
    if (this.#closing !== undefined) throw closed();
    await this.#store.trim(Math.min(upTo, this.#last));
    // What was freed may be what writing lacked.
    if (this.#recovery !== undefined) this.#recover();
  }

  status(): JournalStatus {
    const { first, bytes } = this.#store.list;
    const problem = this.#closing === undefined ? this.#problem : closed().message;
    const span = { first: this.#last === 0 ? 0 : first, last: this.#last, bytes };
    return { ...span, writable: problem === undefined, problem, lost: this.#lost };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #flush(): Promise<void> {
    do {
      // One turn of the event loop, no timer: callers that were woken together get into one group again.
      await new Promise((resolve) => setImmediate(resolve));
      const group = this.#queue.take();
      const first = this.#last + 1;
      try {
        const segment = await this.#writer.segmentFor(blockBytes(group.entries), first);
        if (segment !== this.#store.list.newest) this.#began(segment);
        const block = encodeBlock(group.entries, first, segment.salt);
        await this.#writer.write(block, group.entries.length);
        this.#publish(group, first, block);
      } catch (error) {
        await this.#fail(error, group);
      }
    } while (!this.#queue.empty);
    this.#flushing = undefined;
  }

  #publish(group: AppendGroup, first: Position, block: Buffer): void {
    this.#last = first + group.entries.length - 1;
    this.#recent.add(first, group.entries.length, block);
    this.#queue.settle(group, first);
    this.#followers.wake(this.#last);
  }

  #began(segment: Segment): void {
    this.#store.list.add(segment);
    this.#onSegment();
    this.#store.sealFull();
  }

  async #fail(error: unknown, group: AppendGroup): Promise<void> {
    this.#report(error);
    this.#queue.refuse(group, this.#problem ?? "", error);
    await this.#writer.abandon();
  }

  /** Refuses appends from now on, and tries to write again after a while. */
  #report(error: unknown): void {
    const problem = `the journal in ${this.#directory} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    const fields = { err: error, retryMilliseconds: this.#recoveryDelay };
    if (this.#problem !== problem) this.#logger.error(fields, "journal: cannot be written, appends are refused");
    this.#problem = problem;
    if (this.#closing !== undefined) return;
    this.#recovery = setTimeout(() => this.#recover(), this.#recoveryDelay).unref();
    this.#recoveryDelay = Math.min(this.#recoveryDelay * 2, RECOVERY_MILLISECONDS.most);
  }

  #recover(): void {
    clearTimeout(this.#recovery);
    this.#recovery = undefined;
    this.#recovering ??= this.#begin(undefined);
  }

  async #begin(resumable: Segment | undefined): Promise<void> {
    try {
      const newest = this.#store.list.newest;
      if (resumable !== undefined) {
        await this.#writer.resume(resumable);
      } else {
        if (this.#problem !== undefined && newest !== undefined && newest.last >= newest.base) await this.#store.verify(newest);
        this.#began(await this.#writer.begin(this.#last + 1));
      }
      if (this.#problem !== undefined)
        this.#logger.info({ directory: this.#directory, position: this.#last }, "journal: can be written again");
      this.#problem = undefined;
      this.#recoveryDelay = RECOVERY_MILLISECONDS.first;
    } catch (error) {
      this.#report(error);
    } finally {
      this.#recovering = undefined;
    }
  }

  async #close(): Promise<void> {
    await this.#flushing;
    clearTimeout(this.#recovery);
    this.#recovery = undefined;
    await this.#recovering;
    this.#followers.close();
    await this.#store.stop();
    try {
      await this.#writer.close();
    } catch (error) {
      // Everything acknowledged is durable without the mark; only the check at the next start is weaker.
      this.#logger.warn({ err: error }, "journal: could not mark the orderly close");
    } finally {
      this.#lock.release();
    }
  }
}

/** Of the entry at `position`, or of the one that stands for it and others that are lost. */
function indexOf(entries: readonly StoredEntry[], position: Position): number {
  const index = position - (entries[0]?.position ?? position);
  if (entries[index]?.position === position) return index;
  const next = entries.findIndex((entry) => entry.position >= position);
  if (next === -1) throw new Error(`BUG: nothing stands for position ${position}`);
  return next;
}

function closed(): JournalUnavailable {
  return new JournalUnavailable("the journal is closed");
}
