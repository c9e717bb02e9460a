import type { TrailRevision } from "../../../account/trails/trail-store.ts";
import type { Trail } from "../../../account/trails/trail.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Position, StoredEntry } from "../../../journal/journal.ts";
import type { DestinationClients } from "../destination-clients.ts";
import type { TrailEnds } from "../trail-ends.ts";
import type { TrailLane, TrailLanes } from "../trail-lane.ts";
import type { TrailOutcomes } from "../trail-outcomes.ts";
import type { CoversAccount } from "../trail-scope.ts";
import { TrailSelection } from "../trail-selection.ts";
import type { LaneEvent } from "./lane-event.ts";
import type { LaneStore } from "./lane-store.ts";
import { LogGroup } from "./log-group.ts";
import { SinkLane } from "./sink-lane.ts";
import { trailEvents } from "./trail-events.ts";

export interface CloudWatchLogsSinkOptions {
  readonly store: LaneStore;
  readonly outcomes: Pick<TrailOutcomes, "succeeded" | "failed" | "clear">;
  readonly ends: TrailEnds;
  readonly covers: CoversAccount;
  /** Of organization trails: the organization's id. */
  readonly organizationId: (trail: Trail) => string | undefined;
  readonly clients: Pick<DestinationClients, "logs">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default 10,000. */
  readonly requestMilliseconds?: number;
}

/** Lanes to CloudWatch Logs, of trails that have a log group. */
export class CloudWatchLogsSink implements TrailLanes {
  readonly #options: CloudWatchLogsSinkOptions;

  constructor(options: CloudWatchLogsSinkOptions) {
    this.#options = options;
  }

  wants(revisions: readonly TrailRevision[]): boolean {
    const last = revisions.at(-1);
    if (last === undefined) return false;
    if (last.trail.cloudWatchLogsLogGroupArn === undefined) {
      // It may have been taken away just before a crash.
      this.#takenAway(last.trail.id);
      return false;
    }
    return !last.removed || this.#options.store.has(laneName(last.trail.id));
  }

  open(revisions: readonly TrailRevision[]): TrailLane {
    return new LogsLane(this.#options, revisions, (trailId) => this.#takenAway(trailId));
  }

  forget(trailId: string): void {
    this.#options.store.forget(laneName(trailId));
  }

  /** Nothing waits for a group that is set later, and status shows nothing of a former one. */
  #takenAway(trailId: string): void {
    const { store, outcomes } = this.#options;
    if (!store.has(laneName(trailId))) return;
    store.forget(laneName(trailId));
    outcomes.clear(trailId, "latestCloudWatchLogsDelivery");
  }
}

function laneName(trailId: string): string {
  return `logs ${trailId}`;
}

class LogsLane implements TrailLane {
  readonly name: string;
  readonly #options: CloudWatchLogsSinkOptions;
  readonly #takenAway: (trailId: string) => void;
  readonly #lane: SinkLane;
  #last: TrailRevision;
  #selection: TrailSelection;
  #from: Position;

  constructor(options: CloudWatchLogsSinkOptions, revisions: readonly TrailRevision[], takenAway: (trailId: string) => void) {
    this.#options = options;
    this.#takenAway = takenAway;
    this.#last = lastOf(revisions);
    this.#selection = new TrailSelection(revisions, options.ends, options.covers);
    this.#from = groupSetAfter(revisions);
    const { id } = this.#last.trail;
    const { outcomes } = options;
    const kind = "latestCloudWatchLogsDelivery";
    this.name = laneName(id);
    this.#lane = new SinkLane({
      ...options,
      name: this.name,
      from: () => this.#from,
      selection: { select: (batch) => this.#select(batch) },
      destination: new LogGroup({ ...options, trail: () => this.#last.trail }),
      outcomes: {
        succeeded: (region, time) => outcomes.succeeded(id, region, kind, time),
        failed: (region, attempt, error) => outcomes.failed(id, region, kind, attempt, error),
      },
    });
  }

  position(): Position {
    return this.#lane.position();
  }

  keepFrom(): Position {
    return this.position() + 1;
  }

  async read(batch: readonly StoredEntry[], signal?: AbortSignal): Promise<void> {
    await this.#lane.read(batch, signal);
  }

  revise(revisions: readonly TrailRevision[]): void {
    this.#last = lastOf(revisions);
    this.#selection = new TrailSelection(revisions, this.#options.ends, this.#options.covers);
    this.#from = groupSetAfter(revisions);
    if (this.#last.trail.cloudWatchLogsLogGroupArn === undefined) this.#takenAway(this.#last.trail.id);
    else this.#lane.keep();
  }

  isDone(): boolean {
    const { trail, removed } = this.#last;
    return trail.cloudWatchLogsLogGroupArn === undefined || (removed && this.#selection.isOverAt(this.position()));
  }

  async close(): Promise<void> {
    await this.#lane.close();
  }

  #select(batch: readonly StoredEntry[]): readonly LaneEvent[] {
    const from = this.#from;
    return trailEvents(this.#selection)
      .select(batch)
      .filter(({ position }) => position > from);
  }
}

function lastOf(revisions: readonly TrailRevision[]): TrailRevision {
  const last = revisions.at(-1);
  if (last === undefined) throw new RangeError("a trail has at least one revision");
  return last;
}

/** Events made before the trail had a log group do not go there; without one, no later ones either. */
function groupSetAfter(revisions: readonly TrailRevision[]): Position {
  const without = revisions.findLastIndex(({ trail }) => trail.cloudWatchLogsLogGroupArn === undefined);
  return revisions[without + 1]?.after ?? Infinity;
}
