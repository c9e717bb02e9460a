import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Position, StoredEntry } from "../../../journal/journal.ts";
import type { Reader } from "../../reader.ts";
import { failureCode } from "./failure-code.ts";
import type { LaneEvent, LaneSelection } from "./lane-event.ts";
import type { LaneState, LaneStore } from "./lane-store.ts";
import { DestinationRefused, type SinkDestination } from "./sink-destination.ts";
import { takeBatch } from "./take-batch.ts";

export interface SinkLaneOptions {
  /** Unique, and the same from start to start: the position is kept under it. */
  readonly name: string;
  readonly store: LaneStore;
  /** Where a lane that nobody knows begins: after this position. */
  readonly from: () => Position;
  readonly selection: LaneSelection;
  readonly destination: SinkDestination;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where what came of the attempts in each Region is noted. */
  readonly outcomes?: LaneOutcomes;
  /** How long one request may take; default 10,000. */
  readonly requestMilliseconds?: number;
}

/** Both may be called within a transaction. Times are epoch milliseconds. */
export interface LaneOutcomes {
  succeeded(region: string, time: number): void;
  /** `error`: the destination's error code; undefined where nobody answered. */
  failed(region: string, attempt: number, error: string | undefined): void;
}

const DAY = 86_400_000;
/** How long a destination may refuse an event before it is given up. */
const GIVE_UP_AFTER = 30 * DAY;
/** What one pause between two attempts counts at most: neither a jump of the clock nor a night switched off is a refusal. */
const LONGEST_PAUSE = 600_000;
/** Groups that are sent side by side. */
const SIDE_BY_SIDE = 4;

/**
 * The way of events to one destination: at least once, in journal order within a group, for thirty days. A batch that fails
 * is given back to the host, which tries again; what has arrived of it is not sent a second time.
 */
export class SinkLane implements Reader {
  readonly name: string;
  readonly #options: SinkLaneOptions;
  readonly #state: LaneState;
  /** Behind the position, and arrived: at most one batch's. */
  readonly #arrived = new Set<Position>();
  /** By group, the end of a batch that may have arrived unknown to us: it is sent again as it was, for receivers that tell by that. */
  readonly #doubtful = new Map<string, Position>();
  /** When a refusal was seen last, since something was taken. */
  #refusedAt: number | undefined;

  constructor(options: SinkLaneOptions) {
    this.name = options.name;
    this.#options = options;
    this.#state = options.store.lane(options.name, options.from);
  }

  position(): Position {
    return this.#state.position;
  }

  /** Makes sure that the position is kept, if the store was told to forget it. */
  keep(): void {
    this.#options.store.keep(this.#state);
  }

  async read(batch: readonly StoredEntry[], signal?: AbortSignal): Promise<void> {
    const last = batch.at(-1)?.position;
    if (last === undefined) return;
    const { selection, destination } = this.#options;
    const { position: done } = this.#state;
    const events = selection.select(batch).filter(({ position }) => position > done);
    const fitting = events.filter((event) => destination.limits.sizeOf(event) <= destination.limits.eventOctets);

    const failures = await this.#sendAll(
      fitting.filter(({ position }) => !this.#arrived.has(position)),
      signal,
    );
    const waiting = fitting.find(({ position }) => !this.#arrived.has(position));
    this.#advance(waiting === undefined ? last : waiting.position - 1, events, fitting);
    this.#options.store.touch(this.#state);
    if (failures.length > 0) throw failures[0];
  }

  async close(): Promise<void> {
    this.#options.store.settle();
    await this.#options.destination.close?.();
  }

  /** What lies behind the new position is done with; it is counted here, once. */
  #advance(to: Position, events: readonly LaneEvent[], fitting: readonly LaneEvent[]): void {
    const state = this.#state;
    const count = (entries: readonly { readonly position: Position }[]): number =>
      entries.filter(({ position }) => position > state.position && position <= to).length;
    state.counts.tooLarge += count(events) - count(fitting);
    state.position = Math.max(state.position, to);
    for (const position of this.#arrived) if (position <= to) this.#arrived.delete(position);
  }

  /** Every group gets its turn; one failure for each that stopped. */
  async #sendAll(events: readonly LaneEvent[], signal: AbortSignal | undefined): Promise<readonly unknown[]> {
    const groups = [...Map.groupBy(events, ({ index }) => this.#options.destination.groupOf(index))];
    const failures: unknown[] = [];
    const worker = async (): Promise<void> => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        await this.#sendGroup(...group, signal).catch((error: unknown) => failures.push(error));
      }
    };
    await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, groups.length) }, worker));
    return failures;
  }

  async #sendGroup(name: string, group: readonly LaneEvent[], signal: AbortSignal | undefined): Promise<void> {
    const { limits } = this.#options.destination;
    let rest = group;
    const doubtful = this.#doubtful.get(name) ?? 0;
    let most = rest.filter(({ position }) => position <= doubtful).length || Infinity;
    while (rest.length > 0) {
      signal?.throwIfAborted();
      const batch = takeBatch(rest, limits, most);
      const failure = await this.#send(batch, signal);
      rest = rest.filter(({ position }) => !this.#arrived.has(position));
      if (failure === undefined) {
        this.#doubtful.delete(name);
        if (most <= batch.length) most = Infinity;
        continue;
      }
      if (signal?.aborted === true) throw failure;
      if (failure instanceof DestinationRefused && failure.divisible && batch.length > 1) {
        most = Math.ceil(batch.length / 2);
        continue;
      }
      const last = rest[batch.length - 1] ?? rest.at(-1);
      if (last !== undefined) this.#doubtful.set(name, last.position);
      this.#giveUp(batch, failure);
      rest = rest.filter(({ position }) => !this.#arrived.has(position));
      if (rest.length > 0) throw failure;
    }
  }

  /** Resolves with what went wrong. */
  async #send(batch: readonly LaneEvent[], signal: AbortSignal | undefined): Promise<unknown> {
    const { destination, requestMilliseconds = 10_000 } = this.#options;
    const timeout = AbortSignal.timeout(requestMilliseconds);
    try {
      const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      const { unsent, refused = [], reason } = await destination.send(batch, both);
      const failure =
        unsent.length === 0 ? undefined : (reason ?? new DestinationRefused("Refused", "the destination did not say why"));
      for (const { position } of refused) this.#arrived.add(position);
      this.#state.counts.refused += refused.length;
      const not = new Set([...unsent, ...refused]);
      const arrived = batch.filter((event) => !not.has(event));
      this.#note(arrived, batch, failure ?? (arrived.length === 0 ? reason : undefined));
      return failure;
    } catch (error) {
      // An end that we asked for ourselves is no refusal.
      if (signal?.aborted === true) return error;
      this.#note([], batch, error);
      return timeout.aborted ? new Error(`no answer within ${requestMilliseconds} ms`, { cause: error }) : error;
    }
  }

  #note(arrived: readonly LaneEvent[], attempted: readonly LaneEvent[], failure: unknown): void {
    const state = this.#state;
    const now = this.#options.clock.now();
    for (const { position } of arrived) this.#arrived.add(position);
    state.counts.delivered += arrived.length;
    if (arrived.length > 0) {
      state.refusedMilliseconds = 0;
      this.#refusedAt = undefined;
    }
    const { outcomes, store } = this.#options;
    for (const region of new Set(attempted.map(({ index }) => index.region))) {
      store.touch(state, region, () => {
        if (failure === undefined) outcomes?.succeeded(region, now);
        else outcomes?.failed(region, now, failureCode(failure));
      });
    }
  }

  /** What has been refused for thirty days and is as old goes, so that what is younger gets its turn. */
  #giveUp(batch: readonly LaneEvent[], reason: unknown): void {
    const now = this.#options.clock.now();
    const state = this.#state;
    const pause = this.#refusedAt === undefined ? 0 : now - this.#refusedAt;
    state.refusedMilliseconds += Math.min(Math.max(pause, 0), LONGEST_PAUSE);
    this.#refusedAt = now;
    if (state.refusedMilliseconds < GIVE_UP_AFTER) return;
    const given = batch.filter(({ index, position }) => index.time * 1000 <= now - GIVE_UP_AFTER && !this.#arrived.has(position));
    if (given.length === 0) return;
    for (const { position } of given) this.#arrived.add(position);
    state.counts.expired += given.length;
    const fields = { reader: this.name, events: given.length, from: given[0]?.position, to: given.at(-1)?.position };
    this.#options.logger.error({ ...fields, err: reason }, "delivery: events were refused for thirty days and are given up");
  }
}
