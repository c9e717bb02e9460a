import type { Position } from "../../journal/journal.ts";
import type { DayFile } from "./day-file.ts";
import { matches, type Filter } from "./filter.ts";
import { HistoryCorrupt } from "./history.ts";
import { PostingLists } from "./posting-lists.ts";
import type { BufferedEvent } from "./segment.ts";
import type { SegmentCache } from "./segment-cache.ts";

/** A place in the order of events: by time, then by position. */
export interface Place {
  /** Epoch seconds. */
  readonly time: number;
  readonly position: Position;
}

/** Which events may be on the page. */
export interface Window {
  /** Epoch seconds, inclusive. */
  readonly from: number;
  readonly to: number;
  /** Only what comes after this place on the way from new to old. */
  readonly before: Place;
  readonly snapshot: Position;
}

/** An event that may match; or (`event: undefined`) word that every event down to this place has been handed out. */
export interface Step extends Place {
  readonly event: BufferedEvent | StoredPlace | undefined;
}

export interface StoredPlace {
  readonly segment: number;
  readonly ordinal: number;
}

/** One day's events. */
export interface DaySource {
  readonly file: DayFile | undefined;
  readonly buffered: readonly BufferedEvent[];
}

export interface ScanTools {
  readonly cache: SegmentCache;
  /** Counts what has been looked at. */
  readonly work: { spent: number };
}

/**
 * The events of a day that may match, newest first. Segments overlap in time where events came late; so each is opened
 * when the next event could be in it, and an event is handed out when none in an unopened segment can be newer.
 */
export function* scanDay({ file, buffered }: DaySource, filter: Filter, window: Window, tools: ScanTools): Generator<Step> {
  const pool: Step[] = [];
  for (const event of buffered) {
    if (inWindow(window, event.time, event.position) && matches(filter, event.index, event.record)) {
      pool.push({ time: event.time, position: event.position, event });
    }
  }
  pool.sort(oldestFirst);
  if (file !== undefined) {
    const lists = new PostingLists(file, filter, tools.work);
    let reported = tools.work.spent;
    for (const { segment, earliest, latest, lastPosition } of file.newestFirst) {
      if (latest < window.from) break;
      if (earliest > Math.min(window.to, window.before.time)) continue;
      yield* takeNewer(pool, { time: latest, position: lastPosition });
      if (tools.work.spent > reported) {
        yield { time: latest, position: lastPosition + 1, event: undefined };
        reported = tools.work.spent;
      }
      const docs = lists.of(segment);
      if (docs === undefined) continue;
      const { times, positions } = tools.cache.columns(file, segment);
      for (const ordinal of docs === "everything" ? times.keys() : docs) {
        const [time, position] = [times[ordinal], positions[ordinal]];
        if (time === undefined || position === undefined) {
          throw new HistoryCorrupt(
            `${file.path}: postings name event ${ordinal} of segment ${segment}, which has ${times.length}`,
          );
        }
        if (inWindow(window, time, position)) pool.push({ time, position, event: { segment, ordinal } });
      }
      pool.sort(oldestFirst);
    }
  }
  yield* takeNewer(pool, { time: -1, position: -1 });
}

/** Whether `a` comes after `b` on the way from new to old. */
export function isOlder(a: Place, b: Place): boolean {
  return a.time < b.time || (a.time === b.time && a.position < b.position);
}

function oldestFirst(a: Place, b: Place): number {
  return a.time - b.time || a.position - b.position;
}

function inWindow({ from, to, before, snapshot }: Window, time: number, position: Position): boolean {
  if (time < from || time > to || position > snapshot) return false;
  return time < before.time || (time === before.time && position < before.position);
}

function* takeNewer(pool: Step[], bound: Place): Generator<Step> {
  for (let newest = pool.at(-1); newest !== undefined && isOlder(bound, newest); newest = pool.at(-1)) {
    pool.pop();
    yield newest;
  }
}
