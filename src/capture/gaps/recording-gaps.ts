import { isoSeconds, type Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { buildServiceEvent } from "../../event/build-service-event.ts";
import type { Journal, JournalEntry } from "../../journal/journal.ts";
import type { AppendRoom } from "../append-room.ts";
import { eventEntry, eventIdOf } from "../event-entry.ts";
import type { Backlog, Owing } from "../intents/backlog.ts";
import { GapFile } from "./gap-file.ts";
import { joinedGap, type RecordingGap } from "./recording-gap.ts";

export interface RecordingGapsOptions {
  readonly journal: Pick<Journal, "read" | "status">;
  readonly room: Pick<AppendRoom, "append">;
  readonly backlog: Backlog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whoever calls under made-up accounts must not fill the memory: what is beyond goes into the first gap. */
const MOST_GAPS = 256;
/** Between two writes of the file, in milliseconds: a crash loses the counts of so long. */
const KEEP_MILLISECONDS = 250;
/** How far back a gap is looked for that may have been told already. */
const TOLD_ENTRIES = 1_000;

/**
 * What best-effort recording lost, written into the record itself as soon as it can be written again: one event for each
 * account and region, for LookupEvents shows nobody another's. Counts that could not be written go on growing.
 */
export class RecordingGaps implements Owing {
  readonly #options: RecordingGapsOptions;
  #gaps = new Map<string, RecordingGap>();
  #file: GapFile | undefined;
  #timer: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();

  constructor(options: RecordingGapsOptions) {
    this.#options = options;
    options.backlog.add(this);
  }

  /** Takes up what an earlier process could not tell. @param create gaps can come up: the file is to be made. */
  async recover(path: string, create: boolean): Promise<void> {
    const { journal, backlog, logger } = this.#options;
    try {
      this.#file = await GapFile.open(path, create);
      const left = (await this.#file?.load()) ?? [];
      if (left.length === 0) return;
      const { last, first } = journal.status();
      const newest = await journal.read(Math.max(0, first - 1, last - TOLD_ENTRIES), TOLD_ENTRIES);
      const told = new Set(newest.map(({ head }) => eventIdOf(head)));
      for (const gap of left) if (!told.has(gap.eventId)) this.#take({ ...gap, interrupted: true });
    } catch (error) {
      logger.error({ err: error, path }, "gaps in the record cannot be kept over a restart");
    }
    if (this.pending) await backlog.flush();
    this.#keep();
  }

  add(gap: RecordingGap): void {
    this.#take(gap);
    this.#options.backlog.notify();
    this.#keep();
  }

  get pending(): boolean {
    return this.#gaps.size > 0;
  }

  async write(): Promise<void> {
    const gaps = this.#gaps;
    this.#gaps = new Map();
    try {
      await this.#options.room.append([...gaps.values()].map((gap) => this.#entry(gap)));
    } catch (error) {
      const later = this.#gaps;
      this.#gaps = gaps;
      for (const gap of later.values()) this.#take(gap);
      throw error;
    }
    this.#keep();
  }

  /** What is pending stays in the file. The backlog has to be closed before. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#keeping;
    await this.#store();
    await this.#file?.close();
    this.#file = undefined;
  }

  #take(gap: RecordingGap): void {
    const own = `${gap.account} ${gap.region}`;
    const [first] = this.#gaps.keys();
    const key = this.#gaps.has(own) || this.#gaps.size < MOST_GAPS ? own : (first ?? own);
    this.#gaps.set(key, joinedGap(this.#gaps.get(key), gap));
  }

  /** Brings the file up to date, soon. */
  #keep(): void {
    if (this.#file === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#keeping = this.#keeping.then(() => this.#store());
    }, KEEP_MILLISECONDS).unref();
  }

  async #store(): Promise<void> {
    try {
      await this.#file?.store([...this.#gaps.values()]);
    } catch (error) {
      this.#options.logger.warn({ err: error }, "gaps in the record could not be kept for a restart");
    }
  }

  #entry({ eventId, account, region, from, to, calls, outcomes, reason, interrupted }: RecordingGap): JournalEntry {
    const built = buildServiceEvent({
      eventId,
      time: this.#options.clock.now(),
      account,
      region,
      source: "cloudtrail.amazonaws.com",
      name: "RecordingGap",
      details: {
        startTime: isoSeconds(from),
        endTime: isoSeconds(to),
        unrecordedCalls: calls,
        succeededCalls: outcomes.succeeded,
        failedCalls: outcomes.failed,
        callsOfUnknownOutcome: outcomes.unknown,
        reason,
        // The counts are then the least: what was lost within the last moment of the process nobody knows.
        ...(interrupted ? { interruptedByRestart: true } : {}),
      },
    });
    return eventEntry(built, "event");
  }
}
