import { setImmediate as immediate } from "node:timers/promises";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { EventsStore } from "../events-store.ts";
import { afterFailure, type AfterFailure } from "./after-failure.ts";
import type { Delivery } from "./delivery-table.ts";
import { targetInput } from "./target-input.ts";
import type { TargetSenders } from "./target-senders.ts";

/** Deliveries of one lane that are tried together. */
const TOGETHER = 32;
/** Lanes that are worked on at once. */
const LANES_AT_ONCE = 32;
/** Timers hold no more; a lane that waits longer looks again in between. */
const LONGEST_WAIT = 60_000;
/** After our own store has failed. */
const TROUBLE_WAIT = 5000;

export interface DelivererOptions {
  readonly store: EventsStore;
  readonly senders: TargetSenders;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Takes what is queued to its targets, at least once each. The queue is on the disk; in memory are the names of lanes with work and a
 * few deliveries of those whose turn it is, so no target holds up another.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #ready = new Set<string>();
  readonly #active = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #abort = new AbortController();
  #pumping: NodeJS.Immediate | undefined;
  #dropped = 0;
  #toldDropped: number | undefined;

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier run left. */
  start(): void {
    this.wake(this.#options.store.deliveries.lanes());
  }

  /** The lanes have something that is due. */
  wake(lanes: readonly string[]): void {
    for (const lane of lanes) {
      clearTimeout(this.#waiting.get(lane));
      this.#waiting.delete(lane);
      this.#ready.add(lane);
    }
    // Whoever sent the events is answered first, and what comes at the same time goes out together.
    this.#pumping ??= setImmediate(() => {
      this.#pumping = undefined;
      this.#pump();
    });
  }

  /** What is under way is given up or ends; what is not done is done by the next run. */
  async close(): Promise<void> {
    this.#abort.abort();
    clearImmediate(this.#pumping);
    this.#ready.clear();
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    await Promise.all(this.#active.values());
  }

  #pump(): void {
    for (const lane of this.#ready) {
      if (this.#abort.signal.aborted || this.#active.size >= LANES_AT_ONCE) return;
      if (this.#active.has(lane)) continue;
      this.#ready.delete(lane);
      const work = this.#work(lane).finally(() => {
        this.#active.delete(lane);
        this.#pump();
      });
      this.#active.set(lane, work);
    }
  }

  /** One round; never rejects. Where there is more to do, the lane stands behind the others again. */
  async #work(lane: string): Promise<void> {
    const { store, clock, logger } = this.#options;
    let wait: number;
    // Deliveries that end without waiting for anything would leave nobody else a turn.
    await immediate();
    try {
      const due = store.deliveries.due(lane, clock.now(), TOGETHER);
      const ends = await Promise.all(due.map(async (delivery) => [delivery, await this.#attempt(delivery)] as const));
      if (ends.length > 0) store.transaction(() => ends.forEach(([delivery, end]) => this.#conclude(delivery, end)));
      const next = store.deliveries.untilDue(lane, clock.now());
      if (next === undefined) return;
      wait = next;
    } catch (error) {
      logger.error({ err: error, lane }, "EventBridge deliveries could not be worked on");
      wait = TROUBLE_WAIT;
    }
    if (this.#abort.signal.aborted) return;
    if (wait === 0) this.#ready.add(lane);
    else this.#waiting.set(lane, setTimeout(() => this.wake([lane]), Math.min(wait, LONGEST_WAIT)).unref());
  }

  /** What is to become of the delivery; undefined: it is done. */
  async #attempt(delivery: Delivery): Promise<AfterFailure | "interrupted" | undefined> {
    const { senders, clock, logger } = this.#options;
    const { signal } = this.#abort;
    try {
      if (delivery.failure !== undefined) await senders.bury(delivery);
      else await senders.send(delivery, targetInput(delivery), signal);
      return undefined;
    } catch (error) {
      if (signal.aborted) return "interrupted";
      const after = afterFailure(delivery, error, clock.now());
      const { ruleArn, target } = delivery;
      const facts = { err: error, rule: ruleArn, target: target.Arn, attempts: after.attempts };
      if (after.kind === "drop") this.#tellDropped(facts);
      else logger.debug(facts, "an event could not be delivered");
      return after;
    }
  }

  /** Once a minute at most: whoever sends events decides how many there are. */
  #tellDropped(facts: object): void {
    this.#dropped++;
    const now = performance.now();
    if (this.#toldDropped !== undefined && now - this.#toldDropped < 60_000) return;
    this.#toldDropped = now;
    this.#options.logger.warn(
      { ...facts, dropped: this.#dropped },
      "events are given up: neither their target nor a dead-letter queue has taken them",
    );
  }

  #conclude({ number }: Delivery, end: AfterFailure | "interrupted" | undefined): void {
    if (end === "interrupted") return;
    const { deliveries } = this.#options.store;
    if (end === undefined || end.kind === "drop") deliveries.remove(number);
    else deliveries.retry(number, end.attempts, end.due, end.failure);
  }
}
