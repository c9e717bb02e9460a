import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { makeDirectory } from "../../base/sync-directory.ts";
import type { EventIndex } from "../../event/built-event.ts";
import type { Position, StoredEntry } from "../../journal/journal.ts";
import { bytesOnDisk } from "./day-file.ts";
import { dateOf, DayFiles } from "./day-files.ts";
import { readEventIndex } from "./event-index.ts";
import { Expiry } from "./expiry.ts";
import { lookupFilter, searchFilter } from "./filter.ts";
import { type History, HistoryCorrupt, type HistoryStats, type LookupQuery, type Page } from "./history.ts";
import type { SearchPage, SearchQuery } from "./history.ts";
import {
  BUFFER_BYTES,
  BUFFER_EVENTS,
  LOOKUP_LIMIT,
  SCAN_LIMIT,
  SEARCH_LIMIT,
  SECONDS_PER_DAY,
  SEGMENT_BYTES,
  SEGMENT_EVENTS,
} from "./limits.ts";
import { PageTokens } from "./page-token.ts";
import { Pager, type PageSource } from "./pager.ts";
import { SegmentCache } from "./segment-cache.ts";
import type { BufferedEvent } from "./segment.ts";
import { inSlices } from "./slices.ts";
import { dayOf, WriteBuffer } from "./write-buffer.ts";

export interface HistoryOptions {
  /** Made if it is not there; nothing else may write into it. */
  readonly dir: string;
  /**
   * Events whose time is longer ago are not shown. The file of a day goes when the whole day was seen to be for an hour of
   * one process's life, at most one an hour, so that a clock that runs ahead for a moment takes nothing with it. AWS keeps
   * 90 days.
   */
  readonly retentionDays: number;
  /** Keeps data and network activity events too, for `search`. LookupEvents never shows them. */
  readonly dataEvents: boolean;
  /** The journal's last position; given, days that belong to another journal are refused. */
  readonly journalEnd?: Position;
  readonly clock: Clock;
  /** Milliseconds since some moment, by a clock that nobody sets; default: `performance.now`. */
  readonly elapsed?: () => number;
  readonly logger: HistoryLog;
}

/** All that the history has to say. */
export interface HistoryLog {
  error(fields: { readonly err?: unknown; readonly position?: Position }, text: string): void;
}

/**
 * Opens the event history in a directory:
 *
 *     buffer.db        position of the reader, events that are in no segment yet
 *     days/DATE.db     finished segments of one UTC day of event time
 *
 * A batch is one transaction in `buffer.db`. When a day has enough buffered events they become a segment of its file,
 * durable before they leave the buffer; a segment notes the position it ends with, so what a crash leaves in both places
 * is dropped from the buffer at the next start.
 *
 * Throws `HistoryUnavailable`, `HistoryCorrupt`.
 */
export function createHistory(options: HistoryOptions): History {
  return new SegmentedHistory(options);
}

class SegmentedHistory implements History {
  readonly name = "history";
  readonly #options: HistoryOptions;
  readonly #buffer: WriteBuffer;
  readonly #files: DayFiles;
  readonly #pager: Pager;
  readonly #source: PageSource;
  readonly #expiry = new Expiry();
  readonly #elapsed: () => number;
  #malformed = 0;
  #housekeepingHour = -1;

  constructor(options: HistoryOptions) {
    this.#options = Object.freeze({ ...options });
    this.#elapsed = options.elapsed ?? (() => performance.now());
    const days = join(options.dir, "days");
    makeDirectory(days);
    this.#buffer = new WriteBuffer(join(options.dir, "buffer.db"));
    this.#files = new DayFiles(days);
    this.#pager = new Pager(new PageTokens(this.#buffer.secret), new SegmentCache());
    this.#refuseForeignDays(options.journalEnd ?? Infinity);
    for (const day of this.#buffer.days) this.#buffer.release(day, this.#files.get(day)?.applied ?? 0);
    // Mostly one segment at most: what was left of the day before.
    for (const _ of this.#keepHouse()) continue;
    this.#expire();

    const [buffer, files] = [this.#buffer, this.#files];
    this.#source = {
      get position() {
        return buffer.position;
      },
      get days() {
        return [...new Set([...files.days, ...buffer.days])];
      },
      day: (day) => ({ file: files.get(day), buffered: buffer.of(day) }),
    };
  }

  position(): Position {
    return this.#buffer.position;
  }

  async read(batch: readonly StoredEntry[]): Promise<void> {
    const fresh = batch.filter((entry) => entry.position > this.#buffer.position);
    const last = fresh.at(-1);
    if (last === undefined) return;
    await inSlices(this.#apply(fresh, last.position));
  }

  async lookup(query: LookupQuery): Promise<Page> {
    const { events, nextToken } = this.#page(query, lookupFilter(query), LOOKUP_LIMIT, SCAN_LIMIT.most);
    return nextToken === undefined ? { events } : { events, nextToken };
  }

  async search(query: SearchQuery): Promise<SearchPage> {
    const wanted = query.scanLimit ?? SCAN_LIMIT.usual;
    const scanLimit = Math.min(Math.max(wanted, SCAN_LIMIT.least), SCAN_LIMIT.most);
    return this.#page(query, searchFilter(query), SEARCH_LIMIT, scanLimit);
  }

  async stats(): Promise<HistoryStats> {
    await inSlices(this.#openDays());
    const buffered = this.#buffer.size.events;
    let events = buffered;
    const unreadable: number[] = [];
    for (const day of this.#files.days) {
      const stored = this.#eventsOf(day);
      if (stored === undefined) unreadable.push(day);
      else events += stored;
    }
    return {
      position: this.#buffer.position,
      events,
      unreadableDays: unreadable.toSorted((a, b) => a - b).map(dateOf),
      days: this.#source.days.toSorted((a, b) => a - b).map(dateOf),
      bytes: this.#files.bytes + bytesOnDisk(this.#buffer.path),
      buffered,
      malformed: this.#malformed,
    };
  }

  async close(): Promise<void> {
    this.#files.close();
    this.#buffer.close();
  }

  /**
   * Days that are there without the buffer that they were written from were put there by somebody. Those of another journal
   * would make new events of the same positions pass for known ones.
   */
  #refuseForeignDays(journalEnd: Position): void {
    if (this.#buffer.position > 0) return;
    for (const day of this.#files.days) {
      const { path, applied } = this.#files.getOrCreate(day);
      if (applied <= journalEnd) continue;
      throw new HistoryCorrupt(`${path} holds events up to journal position ${applied}, but the journal ends at ${journalEnd}`);
    }
  }

  #page(query: LookupQuery | SearchQuery, filter: ReturnType<typeof lookupFilter>, most: number, scanLimit: number): SearchPage {
    if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > most) {
      throw new RangeError(`a page has 1 to ${most} events, not ${query.limit}`);
    }
    return this.#pager.page(this.#source, {
      filter,
      from: Math.max(query.from ?? 0, this.#oldestShown()),
      to: query.to ?? Number.MAX_SAFE_INTEGER,
      limit: query.limit,
      token: query.token,
      scanLimit,
    });
  }

  /** Counting needs each day's file open once: that takes a while where there are many. */
  *#openDays(): Generator<void, void> {
    for (const day of this.#files.days) {
      this.#eventsOf(day);
      yield;
    }
  }

  #eventsOf(day: number): number | undefined {
    try {
      return this.#files.eventsOf(day);
    } catch {
      return undefined;
    }
  }

  *#apply(entries: readonly StoredEntry[], last: Position): Generator<void, void> {
    yield* this.#keepHouse();
    this.#expire();
    yield* this.#makeRoom();
    yield* this.#take(entries, last);
    try {
      for (const day of this.#buffer.days) while (this.#isFull(day)) yield* this.#writeSegment(day);
    } catch (error) {
      // The batch itself is durable. The events stay in the buffer; if that fills up, `#makeRoom` refuses the next batch.
      this.#options.logger.error({ err: error }, "event history: a segment could not be written");
    }
  }

  *#take(entries: readonly StoredEntry[], last: Position): Generator<void, void> {
    const events: BufferedEvent[] = [];
    for (const [at, { kind, position, head, body }] of entries.entries()) {
      if (at % 64 === 63) yield;
      if (kind !== "event") continue;
      const index = readEventIndex(head);
      if (index === undefined) {
        this.#malformed += 1;
        this.#options.logger.error({ position }, "event history: the journal entry has no readable index; it is left out");
        continue;
      }
      const time = Math.floor(index.time);
      // Already in a segment: the buffer has been replaced by an older one, or by none.
      const known = position <= (this.#files.get(dayOf(time))?.applied ?? 0);
      // Not by its age: only the clock says how old it is, which may be wrong at this moment.
      if (!this.#keeps(index.category) || known) continue;
      events.push({ position, time, index, head, record: body });
    }
    yield* this.#buffer.commit(events, last);
  }

  #keeps(category: EventIndex["category"]): boolean {
    return category === "Management" || category === "Insight" || this.#options.dataEvents;
  }

  /** Epoch seconds. */
  #oldestShown(): number {
    return Math.floor(this.#options.clock.now() / 1000) - this.#options.retentionDays * SECONDS_PER_DAY;
  }

  #isFull(day: number): boolean {
    return this.#buffer.of(day).length >= SEGMENT_EVENTS || this.#buffer.octetsOf(day) >= SEGMENT_BYTES;
  }

  *#writeSegment(day: number): Generator<void, void> {
    const events: BufferedEvent[] = [];
    let octets = 0;
    for (const event of this.#buffer.of(day)) {
      if (events.length === SEGMENT_EVENTS || octets >= SEGMENT_BYTES) break;
      events.push(event);
      octets += event.head.length + event.record.length;
    }
    const { lastPosition } = yield* this.#files.getOrCreate(day).add(events);
    // Before anybody else gets a turn: the events are in both places now.
    this.#buffer.release(day, lastPosition);
  }

  *#makeRoom(): Generator<void, void> {
    for (let size = this.#buffer.size; size.events > BUFFER_EVENTS || size.octets > BUFFER_BYTES; size = this.#buffer.size) {
      const [fullest] = this.#buffer.days.toSorted((a, b) => this.#buffer.octetsOf(b) - this.#buffer.octetsOf(a));
      if (fullest === undefined) return;
      yield* this.#writeSegment(fullest);
    }
  }

  /** Once an hour: writes out what is left in the buffer of days that have ended. */
  *#keepHouse(): Generator<void, void> {
    const now = this.#options.clock.now() / 1000;
    const hour = Math.floor(now / 3600);
    if (hour === this.#housekeepingHour) return;
    this.#housekeepingHour = hour;
    try {
      for (const day of this.#buffer.days) {
        while (day < dayOf(now) && this.#buffer.of(day).length > 0) yield* this.#writeSegment(day);
      }
      this.#files.settleBefore(dayOf(now));
    } catch (error) {
      // Nothing is lost or shown that should not be; one broken day must not stop the others from being recorded.
      this.#options.logger.error({ err: error }, "event history: housekeeping failed, next attempt in an hour");
    }
  }

  #expire(): void {
    const expired = this.#expiry.look(this.#files.days, dayOf(this.#oldestShown()), this.#elapsed());
    if (expired === undefined) return;
    try {
      this.#files.drop(expired);
    } catch (error) {
      this.#options.logger.error({ err: error }, "event history: an expired day could not be removed, next attempt in an hour");
    }
  }
}
