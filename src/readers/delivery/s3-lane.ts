import { isDeepStrictEqual } from "node:util";
import type { TrailRevision } from "../../account/trails/trail-store.ts";
import type { EventIndex } from "../../event/built-event.ts";
import type { Position, StoredEntry } from "../../journal/journal.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import type { LaneCounts } from "./delivery-state.ts";
import { entryIndex } from "./entry-index.ts";
import type { NewLogPlan } from "./log-plan.ts";
import { LogFlush, flushesOf } from "./log-flush.ts";
import type { LogWindow } from "./log-window.ts";
import { LogWindows } from "./log-windows.ts";
import type { TrailLane } from "./trail-lane.ts";
import { TrailSelection } from "./trail-selection.ts";
import type { TrailAccount } from "./trail-status.ts";
import { PendingAggregates } from "./pending-aggregates.ts";
import { hasRoom } from "./upload-queue.ts";
import { Uploads } from "./uploads.ts";

/** Flushes that may be on their way at once. What comes later waits in the journal, and goes out in full-size files then. */
const MOST_FLUSHES = 4;
/** Files of one flush, and their octets as a multiple of the size of one. */
const MOST_WINDOWS = 500;
const MOST_FULL_WINDOWS = 2;
/** Events that delivery itself caused do not lead to a file sooner: a bucket that logs itself would never come to rest. */
const OWN_MILLISECONDS = 300_000;
/** How far a lane is gets stored so often at least, where it has nothing to deliver. */
const IDLE_MILLISECONDS = 10_000;
/** Data events are aggregated for each five minutes of the clock, when these have been over for half a minute. */
const AGGREGATE_MILLISECONDS = 300_000;
const AGGREGATE_GRACE_MILLISECONDS = 30_000;
/** So many are aggregated at once, even before: what is counted is held in memory. */
const MOST_AGGREGATES = 100_000;
/** After a flush that failed. */
const RETRY_MILLISECONDS = 1_000;
const READ_LIMIT = 500;
/** How long a lane that closes waits for what it is sending. */
const CLOSE_MILLISECONDS = 3_000;

/** Moments by the timers' clock since which something waits for the next flush. */
interface Waiting {
  events?: number;
  ownEvents?: number;
  /** When the five minutes are over, with the grace. */
  aggregates?: number;
  position?: number;
}

/**
 * Delivers what one trail selects to S3. Events gather in windows; a flush makes plans of these, in one transaction with the
 * position; the uploads carry plans out. What is gathered and not planned is read again after a restart.
 */
export class S3Lane implements TrailLane {
  readonly name: string;
  readonly #context: DeliveryContext;
  readonly #id: string;
  readonly #uploads: Uploads;
  readonly #counts: { -readonly [Name in keyof LaneCounts]: number };
  /** By which it gathers, and those that hold by now. */
  #revisions: readonly TrailRevision[];
  #newest: readonly TrailRevision[];
  #selection: TrailSelection;
  #windows = new LogWindows();
  /** Since the last flush. */
  #recorded = 0;
  #filtered = 0;
  #planned: Position;
  #aggregated: Position;
  readonly #aggregates = new PendingAggregates();
  /** What waits to be aggregated behind `#aggregated` and before `#planned` is not known: the process has begun anew. */
  #isUncounted: boolean;
  #position: Position;
  /** The trail was changed at a place that has been read already: what was gathered since the last flush is gathered anew. */
  #isStale = false;
  #waiting: Waiting = {};
  #cancelTimer: (() => void) | undefined;
  #timerAt = Infinity;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(context: DeliveryContext, revisions: readonly TrailRevision[]) {
    const [first] = revisions;
    if (first === undefined) throw new RangeError("a trail has at least one revision");
    const { id, name } = first.trail;
    this.#context = context;
    this.#id = id;
    this.name = `s3 ${name} ${id}`;
    this.#revisions = revisions;
    this.#newest = revisions;
    this.#selection = new TrailSelection(revisions, context.state.ends, context.covers);
    const { planned, aggregated, refused, ...counts } = context.state.lane(id, first.after);
    this.#planned = planned;
    this.#aggregated = aggregated;
    this.#isUncounted = aggregated < planned;
    this.#position = planned;
    this.#counts = counts;
    this.#uploads = new Uploads({
      context,
      refused,
      revisions: () => this.#newest,
      settled: ({ events }, delivered) => {
        this.#counts.delivered += delivered;
        this.#counts.expired += events - delivered;
      },
    });
    for (const flush of flushesOf(context.state.plans(id))) this.#uploads.add(flush);
  }

  position(): Position {
    return this.#position;
  }

  keepFrom(): Position {
    return Math.min(this.#planned, this.#aggregated, this.#uploads.oldest) + 1;
  }

  isDone(): boolean {
    return this.#newest.at(-1)?.removed === true && this.isAtRest();
  }

  /** Whether all that it has read is delivered. */
  isDrained(): boolean {
    const waiting = this.#windows.events + this.#aggregates.events;
    return waiting === 0 && !this.#isUncounted && this.#uploads.isEmpty;
  }

  /** Whether the trail does not log any more and all that it logged is delivered. */
  isAtRest(): boolean {
    if (this.#newest !== this.#revisions || this.#isStale) return false;
    return this.#selection.isOverAt(this.#position) && this.isDrained();
  }

  account(): TrailAccount {
    const { recorded, filtered, delivered, expired } = this.#counts;
    return {
      recorded: recorded + this.#recorded,
      filtered: filtered + this.#filtered,
      delivered,
      expired,
      pending: this.#uploads.events + this.#windows.events,
    };
  }

  revise(revisions: readonly TrailRevision[]): void {
    this.#newest = revisions;
    this.#uploads.revised();
    this.#arm(-Infinity);
  }

  async read(batch: readonly StoredEntry[], hostSignal?: AbortSignal): Promise<void> {
    const signal = hostSignal ?? this.#closing.signal;
    await this.#inTurn(async () => {
      await this.#refresh(signal);
      await this.#gather(batch, signal);
      this.#adopt();
      this.#arm();
    });
  }

  /** What was gathered is sent as well, if that works at once. */
  async close(): Promise<void> {
    this.#cancelTimer?.();
    this.#closing.abort();
    await this.#turn.catch(() => {});
    this.#cancelTimer?.();
    try {
      if (!this.#isStale && !this.#uploads.isFailing && this.#uploads.flushes < MOST_FLUSHES) this.#flush();
    } catch (err) {
      this.#context.logger.warn({ err, reader: this.name }, "delivery: what was gathered is read again after the next start");
    }
    await this.#uploads.close(CLOSE_MILLISECONDS);
  }

  async #gather(entries: readonly StoredEntry[], signal: AbortSignal): Promise<void> {
    for (const entry of entries) {
      if (entry.position <= this.#position) continue;
      if (this.#isFull()) await this.#flushWithRoom(signal);
      this.#take(entry);
      this.#position = entry.position;
    }
    if (this.#isFull()) await this.#flushWithRoom(signal);
  }

  #take(entry: StoredEntry): void {
    const { timers } = this.#context;
    const fate = this.#selection.fate(entry);
    this.#waiting.position ??= timers.elapsed();
    if (fate === "idle" || fate === "foreign") return;
    this.#recorded++;
    const index = fate === "filtered" ? undefined : entryIndex(entry);
    if (index === undefined) {
      this.#filtered++;
      return;
    }
    this.#windows.add(index, entry.body);
    this.#aggregate(index);
    if (fate === "own") this.#waiting.ownEvents ??= timers.elapsed();
    else this.#waiting.events ??= timers.elapsed();
  }

  #isFull(): boolean {
    const { flushOctets } = this.#context.settings;
    const { largest, octets, count } = this.#windows;
    if (this.#aggregates.events >= MOST_AGGREGATES) return true;
    return largest >= flushOctets || octets >= flushOctets * MOST_FULL_WINDOWS || count >= MOST_WINDOWS;
  }

  async #flushWithRoom(signal: AbortSignal): Promise<void> {
    await this.#uploads.room(MOST_FLUSHES, signal);
    this.#flushAll(this.#context.timers.elapsed());
    this.#adopt();
  }

  #flushAll(now: number): void {
    this.#flush();
    if (this.#aggregatesDueAt() <= now || this.#selection.isOverAt(this.#position)) this.#flushAggregates();
  }

  /** Makes plans of what is gathered. Throws where that cannot be stored, and has done nothing then. */
  #flush(): void {
    if (this.#position === this.#planned) return this.#forgetGathered();
    const { state, memory } = this.#context;
    const revision = this.#revisions.at(-1)?.requestId ?? "";
    const windows = this.#windows.all();
    const after = this.#planned;
    const plans = windows.map((window): NewLogPlan => {
      const { events, newest } = window;
      return { ...window.group, revision, after, events, newest };
    });
    const counts = { recorded: this.#recorded, filtered: this.#filtered };
    const isCounted = this.#aggregates.events > 0 || this.#isUncounted;
    const aggregated = isCounted ? this.#aggregated : this.#position;
    const stored = state.plan(this.#id, this.#position, aggregated, counts, plans);
    this.#aggregated = aggregated;
    const { octets } = this.#windows;
    this.#counts.recorded += this.#recorded;
    this.#counts.filtered += this.#filtered;
    this.#planned = this.#position;
    this.#forgetGathered();
    if (stored.length === 0) return;
    const flush = new LogFlush(stored, after, this.#position);
    if (hasRoom(memory, octets)) {
      flush.windows = new Map(stored.flatMap(({ id }, at) => pairOf(id, windows[at])));
    }
    this.#uploads.add(flush);
  }

  /** Makes plans of what waits to be aggregated. To be called behind `#flush`, at the same position. */
  #flushAggregates(): void {
    if (this.#aggregates.events === 0) return;
    const revision = this.#revisions.at(-1)?.requestId ?? "";
    const after = this.#aggregated;
    const plans = this.#aggregates.groups().map(({ group, newest }): NewLogPlan => {
      return { ...group, revision, after, events: 0, newest };
    });
    const stored = this.#context.state.planAggregates(this.#id, this.#planned, plans);
    this.#aggregated = this.#planned;
    this.#aggregates.clear();
    delete this.#waiting.aggregates;
    this.#uploads.add(new LogFlush(stored, after, this.#planned));
  }

  #aggregate(index: EventIndex): void {
    if (index.category !== "Data" || (this.#revisions.at(-1)?.trail.aggregationTemplates?.length ?? 0) === 0) return;
    const { clock, timers } = this.#context;
    this.#aggregates.add(index);
    const left = AGGREGATE_MILLISECONDS - (clock.now() % AGGREGATE_MILLISECONDS);
    this.#waiting.aggregates ??= timers.elapsed() + left + AGGREGATE_GRACE_MILLISECONDS;
  }

  /** Finds what waited to be aggregated before: that was in memory alone. */
  async #recount(signal: AbortSignal): Promise<void> {
    this.#aggregates.clear();
    this.#isUncounted = true;
    for (let after = this.#aggregated; after < this.#planned;) {
      signal.throwIfAborted();
      const entries = await this.#context.journal.read(after, Math.min(READ_LIMIT, this.#planned - after));
      const last = entries.at(-1)?.position;
      if (last === undefined) break;
      for (const entry of entries) {
        const fate = this.#selection.fate(entry);
        const index = fate === "selected" || fate === "own" ? entryIndex(entry) : undefined;
        if (index !== undefined) this.#aggregate(index);
      }
      after = last;
    }
    this.#isUncounted = false;
  }

  /** Gathers by the revisions that hold by now. What was gathered by others is planned by those, or gathered anew. */
  #adopt(): void {
    if (this.#newest === this.#revisions) return;
    const known = this.#revisions.at(-1);
    const templates = this.#newest.at(-1)?.trail.aggregationTemplates;
    if (this.#aggregates.events > 0 && !isDeepStrictEqual(templates, known?.trail.aggregationTemplates)) {
      // By the templates that held.
      this.#flush();
      this.#flushAggregates();
    }
    const news = this.#newest.slice(this.#newest.findIndex((revision) => revision === known) + 1);
    this.#revisions = this.#newest;
    this.#selection = new TrailSelection(this.#revisions, this.#context.state.ends, this.#context.covers);
    if (news.some(({ after }) => after < this.#position)) this.#isStale = true;
  }

  /** Gathers anew what has to be. */
  async #refresh(signal: AbortSignal): Promise<void> {
    this.#adopt();
    if (this.#isUncounted || (this.#isStale && this.#aggregates.events > 0)) await this.#recount(signal);
    if (!this.#isStale) return;
    this.#isStale = false;
    const upTo = this.#position;
    this.#position = this.#planned;
    this.#forgetGathered();
    try {
      while (this.#position < upTo) {
        const entries = await this.#context.journal.read(this.#position, Math.min(READ_LIMIT, upTo - this.#position));
        if (entries.length === 0) break;
        await this.#gather(entries, signal);
      }
    } finally {
      // Where this failed: its readers were told that it stands there.
      if (this.#position < upTo) {
        this.#isStale = true;
        this.#position = upTo;
      }
    }
  }

  #forgetGathered(): void {
    this.#windows = new LogWindows();
    this.#recorded = 0;
    this.#filtered = 0;
    const { aggregates } = this.#waiting;
    this.#waiting = aggregates === undefined ? {} : { aggregates };
  }

  /** When the next flush is due, by the timers' clock. */
  #dueAt(): number {
    const isOver = this.#windows.events + this.#aggregates.events > 0 && this.#selection.isOverAt(this.#position);
    return isOver ? -Infinity : Math.min(this.#logsDueAt(), this.#aggregatesDueAt());
  }

  #aggregatesDueAt(): number {
    return this.#aggregates.events >= MOST_AGGREGATES ? -Infinity : (this.#waiting.aggregates ?? Infinity);
  }

  #logsDueAt(): number {
    const { flushMilliseconds } = this.#context.settings;
    const { events, ownEvents, position } = this.#waiting;
    if (events !== undefined) return events + flushMilliseconds;
    if (ownEvents !== undefined) return ownEvents + Math.max(flushMilliseconds, OWN_MILLISECONDS);
    if (position !== undefined) return position + Math.max(flushMilliseconds, IDLE_MILLISECONDS);
    return Infinity;
  }

  #arm(at = this.#dueAt()): void {
    if (at === Infinity || this.#closing.signal.aborted || (this.#cancelTimer !== undefined && this.#timerAt <= at)) return;
    const { timers } = this.#context;
    this.#cancelTimer?.();
    this.#timerAt = at;
    this.#cancelTimer = timers.after(Math.max(0, at - timers.elapsed()), () => void this.#due());
  }

  async #due(): Promise<void> {
    this.#cancelTimer = undefined;
    const { signal } = this.#closing;
    try {
      await this.#inTurn(async () => {
        if (signal.aborted) return;
        await this.#refresh(signal);
        // A full lane goes on gathering: the batch that fills it waits for room.
        const now = this.#context.timers.elapsed();
        const isDue = this.#dueAt() <= now;
        if (isDue && this.#uploads.flushes >= MOST_FLUSHES) return this.#arm(now + RETRY_MILLISECONDS);
        if (isDue) this.#flushAll(now);
        this.#arm();
      });
    } catch (err) {
      if (signal.aborted) return;
      this.#context.logger.warn({ err, reader: this.name }, "delivery: log files could not be planned, it is tried again");
      this.#arm(this.#context.timers.elapsed() + RETRY_MILLISECONDS);
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function pairOf(id: number, window: LogWindow | undefined): readonly (readonly [number, LogWindow])[] {
  return window === undefined ? [] : [[id, window]];
}
