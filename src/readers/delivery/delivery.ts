import type { DatabaseSync } from "node:sqlite";
import type { TrailRevision, TrailStore } from "../../account/trails/trail-store.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { systemTimers, type Timers } from "../../base/timers.ts";
import type { Journal, Position } from "../../journal/journal.ts";
import type { ReaderHost } from "../reader-host.ts";
import type { Reader } from "../reader.ts";
import type { Announcements } from "./announcements.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import { DeliveryState } from "./delivery-state.ts";
import type { DestinationClients } from "./destination-clients.ts";
import type { DeliveredFiles } from "./digest/delivered-files.ts";
import { Permits } from "./permits.ts";
import { S3Lanes } from "./s3-lanes.ts";
import type { TrailLane, TrailLanes } from "./trail-lane.ts";
import { coversAccount } from "./trail-scope.ts";
import type { TrailOutcomes } from "./trail-outcomes.ts";
import type { TrailAccount, TrailStatus, TrailStatusSource } from "./trail-status.ts";
import type { TrailEnds } from "./trail-ends.ts";

/** Log files that are compressed at once: each takes a thread of the pool, which the journal needs as well. */
const COMPRESSED_AT_ONCE = 2;
/** How often lanes that are done are looked for, and revisions that nobody needs. */
const UPKEEP_MILLISECONDS = 5_000;
/** Revisions of one trail that are left alone. */
const KEPT_REVISIONS = 20;

export interface DeliveryOptions {
  /** From `openDeliveryDatabase`; stays its owner's, and MUST be closed after this. */
  readonly database: DatabaseSync;
  /** Told of every file in the transaction that marks it as delivered. */
  readonly files: Pick<DeliveredFiles, "add">;
  readonly journal: Pick<Journal, "read" | "status">;
  readonly trails: Pick<TrailStore, "revisions" | "onChange" | "forget">;
  readonly clients: Pick<DestinationClients, "s3">;
  readonly settings: DeliverySettings;
  /** Whose trails may cover other accounts; absent without an organization. */
  readonly organization?: { readonly id: string; account(accountId: string): unknown } | undefined;
  readonly clock: Clock;
  readonly timers?: Timers;
  readonly logger: Logger;
}

/** The trails of `opentrail status`. */
export interface TrailReport extends TrailAccount {
  readonly arn: string;
  readonly logging: boolean;
  /** Of the home Region. */
  readonly status: TrailStatus;
}

/**
 * Delivery of trails: keeps a lane in the reader host for each trail and destination, while the trail is there and until the
 * last of it is delivered. Kinds of lanes besides S3 are added by `serve`.
 */
export interface Delivery extends TrailStatusSource {
  readonly outcomes: TrailOutcomes;
  readonly announcements: Announcements;
  readonly ends: TrailEnds;
  /** Adds a kind of lanes. To be called before `start`. */
  serve(lanes: TrailLanes): void;
  /** Trails' revisions that this reader, which is none of the lanes, may still have to look at are kept. To be called before `start`. */
  keepRevisionsFor(reader: Pick<Reader, "position">): void;
  /** Adds the lanes to the host, now and as trails come. */
  start(host: Pick<ReaderHost, "add" | "remove">): void;
  /** What the journal must keep: holds before `start` as well. */
  keepFrom(): Position;
  /** Whether the trail does not log any more, and all log files of the time when it did are delivered. */
  isAtRest(trailId: string): boolean;
  /** Trails that are there, in the order of their making. */
  report(): readonly TrailReport[];
  /** Takes the lanes out of the host: each gives what it is sending a few seconds. */
  close(): Promise<void>;
}

/** Opens the lanes of all trails at once, so that `keepFrom` holds; they read from `start` on. */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new TrailDelivery(options);
}

interface OpenTrail {
  revisions: readonly TrailRevision[];
  readonly lanes: Map<TrailLanes, TrailLane>;
  /** Where the lanes were when they were first seen to be done. */
  doneAt?: Position;
}

class TrailDelivery implements Delivery {
  readonly #options: DeliveryOptions;
  readonly #state: DeliveryState;
  readonly #s3: S3Lanes;
  readonly #timers: Timers;
  readonly #kinds: TrailLanes[];
  readonly #onlookers: Pick<Reader, "position">[] = [];
  readonly #trails = new Map<string, OpenTrail>();
  readonly #stopListening: () => void;
  #host: Pick<ReaderHost, "add" | "remove"> | undefined;
  #cancelUpkeep: (() => void) | undefined;
  #isClosed = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const { database, files, journal, clients, settings, organization, clock, logger, timers = systemTimers } = options;
    this.#timers = timers;
    this.#state = new DeliveryState(database, files, clock);
    this.#s3 = new S3Lanes({
      state: this.#state,
      journal,
      clients,
      settings,
      covers: coversAccount(organization),
      organizationId: organization?.id,
      clock,
      timers,
      logger,
      permits: new Permits(COMPRESSED_AT_ONCE),
      memory: { octets: 0 },
    });
    this.#kinds = [this.#s3];
    this.#reconcile();
    this.#forgetOrphans();
    this.#stopListening = options.trails.onChange(() => this.#reconcile());
  }

  get outcomes(): TrailOutcomes {
    return this.#state.outcomes;
  }

  get announcements(): Announcements {
    return this.#state.announcements;
  }

  get ends(): TrailEnds {
    return this.#state.ends;
  }

  serve(lanes: TrailLanes): void {
    this.#kinds.push(lanes);
    this.#reconcile();
  }

  keepRevisionsFor(reader: Pick<Reader, "position">): void {
    this.#onlookers.push(reader);
  }

  start(host: Pick<ReaderHost, "add" | "remove">): void {
    this.#host = host;
    for (const { lanes } of this.#trails.values()) for (const lane of lanes.values()) host.add(lane);
    this.#upkeepLater();
  }

  keepFrom(): Position {
    let position = Infinity;
    for (const { lanes, revisions } of this.#trails.values()) {
      for (const lane of lanes.values()) position = Math.min(position, lane.keepFrom());
      // A lane that could not be opened yet may need all since the trail was made.
      if (!lanes.has(this.#s3)) position = Math.min(position, (revisions[0]?.after ?? 0) + 1);
    }
    return position;
  }

  status(trailId: string, region: string): TrailStatus {
    return this.#state.outcomes.status(trailId, region);
  }

  account(trailId: string): TrailAccount {
    return this.#s3.get(trailId)?.account() ?? { recorded: 0, delivered: 0, filtered: 0, pending: 0, expired: 0 };
  }

  isAtRest(trailId: string): boolean {
    // One that could not be opened has not delivered anything.
    return this.#s3.get(trailId)?.isAtRest() ?? !this.#trails.has(trailId);
  }

  report(): readonly TrailReport[] {
    return [...this.#trails.values()].flatMap(({ revisions }) => {
      const last = revisions.at(-1);
      if (last === undefined || last.removed) return [];
      const { id, arn, logging, homeRegion } = last.trail;
      return [{ arn, logging, ...this.account(id), status: this.status(id, homeRegion) }];
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopListening();
    this.#cancelUpkeep?.();
    const lanes = [...this.#trails.values()].flatMap((trail) => [...trail.lanes.values()]);
    const results = await Promise.allSettled(lanes.map((lane) => this.#host?.remove(lane) ?? lane.close()));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Lanes whose trail was forgotten in the moment before a crash. What is left to deliver stays, should the trail come back. */
  #forgetOrphans(): void {
    for (const id of this.#state.lanes().filter((lane) => !this.#trails.has(lane))) {
      const { length: plans } = this.#state.plans(id);
      if (plans === 0) this.#state.forget(id);
      else this.#options.logger.error({ id, plans }, "delivery: there are log files to deliver of a trail that nobody knows");
    }
  }

  /** MUST NOT throw: it is told of changes by whoever made them. */
  #reconcile(): void {
    const revisions = Map.groupBy(this.#options.trails.revisions(), ({ trail }) => trail.id);
    for (const [id, own] of revisions) {
      try {
        this.#open(id, own);
      } catch (err) {
        this.#options.logger.error(
          { err, trail: own.at(-1)?.trail.arn },
          "delivery: a trail's lane could not be opened, next attempt soon",
        );
      }
    }
  }

  #open(id: string, revisions: readonly TrailRevision[]): void {
    let trail = this.#trails.get(id);
    if (trail === undefined) this.#trails.set(id, (trail = { revisions, lanes: new Map() }));
    const isNews = trail.revisions.at(-1) !== revisions.at(-1);
    trail.revisions = revisions;
    for (const kind of this.#kinds) {
      const lane = trail.lanes.get(kind);
      if (lane !== undefined) {
        if (isNews) lane.revise(revisions);
        continue;
      }
      if (!kind.wants(revisions)) continue;
      const opened = kind.open(revisions);
      trail.lanes.set(kind, opened);
      this.#host?.add(opened);
    }
  }

  #upkeepLater(): void {
    if (this.#isClosed) return;
    this.#cancelUpkeep = this.#timers.after(UPKEEP_MILLISECONDS, () => {
      void this.#keepUp()
        .catch((err: unknown) => this.#options.logger.error({ err }, "delivery: upkeep failed, next attempt soon"))
        .finally(() => this.#upkeepLater());
    });
  }

  async #keepUp(): Promise<void> {
    this.#reconcile();
    for (const [id, trail] of this.#trails) {
      const lanes = [...trail.lanes.values()];
      const seen = Math.min(...this.#onlookers.map((reader) => reader.position()));
      if (lanes.every((lane) => lane.isDone())) {
        trail.doneAt ??= Math.max(...trail.revisions.map(({ after }) => after), ...lanes.map((lane) => lane.position()));
        if (seen >= trail.doneAt) await this.#end(id, trail);
      } else if (trail.revisions.length > KEPT_REVISIONS) {
        await this.#options.trails.forget(id, Math.min(seen, ...lanes.map((lane) => lane.keepFrom() - 1)));
      }
      if (this.#isClosed) return;
    }
  }

  /** The trail was deleted, and all of it is delivered. */
  async #end(id: string, { revisions, lanes }: OpenTrail): Promise<void> {
    const { trails, logger } = this.#options;
    for (const lane of lanes.values()) await this.#host?.remove(lane);
    // First the revisions: a lane that is left over without them is nobody's, one that is made again delivers all again.
    await trails.forget(id, Math.max(...revisions.map(({ after }) => after)));
    for (const kind of this.#kinds) kind.forget(id);
    this.#trails.delete(id);
    logger.info({ trail: revisions.at(-1)?.trail.arn }, "delivery: all of a deleted trail is delivered");
  }
}
