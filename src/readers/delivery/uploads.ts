import type { TrailRevision } from "../../account/trails/trail-store.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { Position } from "../../journal/journal.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import type { LogDestination } from "./delivery-state.ts";
import { gatherPlans } from "./gather-plans.ts";
import { LogFlush } from "./log-flush.ts";
import type { LogPlan } from "./log-plan.ts";
import { UploadQueue } from "./upload-queue.ts";

export interface UploadsOptions {
  readonly context: DeliveryContext;
  /** Milliseconds for which the trail's files had been refused when the process began. */
  readonly refused: number;
  /** The trail's, at least one. */
  readonly revisions: () => readonly TrailRevision[];
  readonly settled: (plan: LogPlan, delivered: number) => void;
}

/** All of a trail's log files that are planned and not delivered: a queue for each bucket that any of them is bound to. */
export class Uploads {
  readonly #options: UploadsOptions;
  readonly #queues = new Map<string, UploadQueue>();
  readonly #waiting = new Set<() => void>();
  #events = 0;

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** Events that are planned and not delivered. */
  get events(): number {
    return this.#events;
  }

  /** On their way to the bucket that the trail has now; what is stuck on its way to an earlier one holds nothing up. */
  get flushes(): number {
    return this.#queues.get(this.#trail.s3BucketName)?.flushes.length ?? 0;
  }

  get isEmpty(): boolean {
    return [...this.#queues.values()].every(({ flushes }) => flushes.length === 0);
  }

  get isFailing(): boolean {
    return [...this.#queues.values()].some(({ failures }) => failures > 0);
  }

  /** Behind this position the journal must be kept; Infinity where nothing is on its way. */
  get oldest(): Position {
    let oldest = Infinity;
    for (const { flushes } of this.#queues.values()) for (const { after } of flushes) oldest = Math.min(oldest, after);
    return oldest;
  }

  add(flush: LogFlush): void {
    for (const { events } of flush.plans) this.#events += events;
    this.#queue(flush.plans[0]?.address?.bucket ?? this.#trail.s3BucketName).add(flush);
  }

  /** The trail was changed. */
  revised(): void {
    for (const queue of this.#queues.values()) queue.wake();
    this.#wakeWaiting();
  }

  /** Resolves when fewer than `most` flushes are on their way. Rejects with the reason of `signal`. */
  async room(most: number, signal: AbortSignal): Promise<void> {
    while (this.flushes >= most) {
      signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake);
      await promise;
      signal.removeEventListener("abort", wake);
      this.#waiting.delete(wake);
    }
    signal.throwIfAborted();
  }

  async close(milliseconds: number): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close(milliseconds)));
  }

  get #trail(): Trail {
    const last = this.#options.revisions().at(-1);
    if (last === undefined) throw new RangeError("a trail has at least one revision");
    return last.trail;
  }

  #destination(): LogDestination {
    const { s3BucketName: bucket, s3KeyPrefix: prefix, kmsKeyId, isOrganizationTrail } = this.#trail;
    const organizationId = isOrganizationTrail ? this.#options.context.organizationId : undefined;
    return { bucket, prefix, kmsKeyId, organizationId };
  }

  #queue(bucket: string): UploadQueue {
    let queue = this.#queues.get(bucket);
    if (queue === undefined) {
      queue = this.#newQueue(bucket);
      this.#queues.set(bucket, queue);
    }
    return queue;
  }

  #newQueue(bucket: string): UploadQueue {
    const { context, refused, revisions, settled } = this.#options;
    return new UploadQueue({
      context,
      bucket,
      refused,
      trail: () => this.#trail,
      destination: () => this.#destination(),
      gather: (plans, signal) =>
        gatherPlans(plans, { journal: context.journal, revisions: revisions(), ends: context.state.ends }, signal),
      settled: (plan, delivered) => {
        this.#events -= plan.events;
        settled(plan, delivered);
      },
      flushed: () => this.#wakeWaiting(),
      reroute: (plans, { after, upTo }) => this.#queue(this.#trail.s3BucketName).add(new LogFlush(plans, after, upTo)),
    });
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting) wake();
  }
}
