import type { Position } from "../../journal/journal.ts";
import { isOlder, scanDay, type DaySource, type Place, type ScanTools, type Step, type Window } from "./day-scan.ts";
import { readEventIndex } from "./event-index.ts";
import { matches, type Filter } from "./filter.ts";
import { HistoryCorrupt, type HistoryEvent, type SearchPage } from "./history.ts";
import { SECONDS_PER_DAY } from "./limits.ts";
import type { PageTokens } from "./page-token.ts";
import type { SegmentCache, WantedEvent } from "./segment-cache.ts";
import { dayOf } from "./write-buffer.ts";

/** What is there to page through. */
export interface PageSource {
  /** Newest position whose event may be shown. */
  readonly position: Position;
  /** Days with events, in any order. */
  readonly days: readonly number[];
  day(day: number): DaySource;
}

export interface PageRequest {
  readonly filter: Filter;
  /** Epoch seconds, inclusive. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly token: string | undefined;
  /** Work after which the page ends, as soon as it has come any further than the page before. */
  readonly scanLimit: number;
}

/** A step, and the work that had been done when it was found. */
interface FoundStep {
  readonly step: Step;
  readonly spent: number;
}

const NEWEST: Place = { time: Number.MAX_SAFE_INTEGER, position: Number.MAX_SAFE_INTEGER };

/** Walks from the newest event to the oldest and cuts the walk into pages. */
export class Pager {
  readonly #tokens: PageTokens;
  readonly #cache: SegmentCache;

  constructor(tokens: PageTokens, cache: SegmentCache) {
    this.#tokens = tokens;
    this.#cache = cache;
  }

  /** Throws `InvalidPageToken`, `HistoryCorrupt`. */
  page(source: PageSource, request: PageRequest): SearchPage {
    const { filter, from, to, limit, token } = request;
    const start = token === undefined ? { ...NEWEST, snapshot: source.position } : this.#tokens.read(token, filter.canonical);
    const window: Window = { from, to, before: start, snapshot: start.snapshot };
    const work = { spent: 0 };
    const events: HistoryEvent[] = [];
    const finish = (reached: Place, scanned: number): SearchPage => ({
      events,
      nextToken: this.#tokens.make(
        { snapshot: start.snapshot, time: reached.time, position: reached.position },
        filter.canonical,
      ),
      scanned,
    });

    const steps = this.#steps(source, filter, window, { cache: this.#cache, work });
    for (;;) {
      const ahead = lookAhead(steps, limit + 1 - events.length, request.scanLimit, work);
      if (ahead.length === 0) return { events, scanned: work.spent };
      this.#cache.prefetch(ahead.flatMap(({ step }) => storedPlace(source, step)));
      for (const { step, spent } of ahead) {
        const event = this.#load(source, step);
        if (event !== undefined && matches(filter, event.index, event.record)) {
          const last = events.at(-1);
          if (events.length === limit && last !== undefined)
            return finish({ time: Math.floor(last.index.time), position: last.position }, spent);
          events.push(event);
        }
        if (spent >= request.scanLimit && isOlder(step, start)) return finish(step, spent);
      }
    }
  }

  *#steps(source: PageSource, filter: Filter, window: Window, tools: ScanTools): Generator<Step> {
    const [first, last] = [dayOf(window.from), dayOf(Math.min(window.to, window.before.time))];
    const days = source.days.filter((day) => day >= first && day <= last).toSorted((a, b) => b - a);
    for (const day of days) {
      for (const step of scanDay(source.day(day), filter, window, tools)) {
        if (step.event !== undefined) tools.work.spent += 1;
        yield step;
      }
      tools.work.spent += 1;
      yield { time: day * SECONDS_PER_DAY, position: -1, event: undefined };
    }
  }

  #load(source: PageSource, { time, position, event }: Step): HistoryEvent | undefined {
    if (event === undefined) return undefined;
    if ("index" in event) return { index: event.index, record: event.record, position };
    const { file } = source.day(dayOf(time));
    if (file === undefined) throw new HistoryCorrupt(`the file of day ${dayOf(time)} is gone`);
    const { head, record } = this.#cache.event(file, event.segment, event.ordinal);
    const index = readEventIndex(head);
    if (index === undefined) throw new HistoryCorrupt(`${file.path}: head of event ${event.ordinal} of segment ${event.segment}`);
    return { index, record, position };
  }
}

/** The next steps, up to `events` that may match or until `scanLimit` is reached: so what they need can be read together. */
function lookAhead(
  steps: Iterator<Step>,
  events: number,
  scanLimit: number,
  work: { readonly spent: number },
): readonly FoundStep[] {
  const ahead: FoundStep[] = [];
  for (let found = 0; found < events;) {
    const next = steps.next();
    if (next.done === true) break;
    ahead.push({ step: next.value, spent: work.spent });
    if (next.value.event !== undefined) found += 1;
    if (work.spent >= scanLimit) break;
  }
  return ahead;
}

function storedPlace(source: PageSource, { time, event }: Step): readonly WantedEvent[] {
  if (event === undefined || "index" in event) return [];
  const { file } = source.day(dayOf(time));
  return file === undefined ? [] : [{ file, ...event }];
}
