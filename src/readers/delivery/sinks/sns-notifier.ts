import { setTimeout as delay } from "node:timers/promises";
import type { Trail } from "../../../account/trails/trail.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Announcement, Announcements } from "../announcements.ts";
import type { DestinationClients } from "../destination-clients.ts";
import type { TrailOutcomes } from "../trail-outcomes.ts";
import { failureCode } from "./failure-code.ts";

export interface SnsNotifierOptions {
  readonly announcements: Announcements;
  /** The trail with this id as it is, or was last; undefined where nothing is known of it any more. */
  readonly trail: (id: string) => Trail | undefined;
  readonly outcomes: Pick<TrailOutcomes, "succeeded" | "failed">;
  readonly clients: Pick<DestinationClients, "sns">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Wait after a first failure and the longest wait, in milliseconds; default 1,000 to 300,000. */
  readonly retryDelays?: { readonly first: number; readonly most: number };
  /** Default 10,000. */
  readonly requestMilliseconds?: number;
}

/** Rows that are read at once. */
const PAGE = 100;
const GIVE_UP_AFTER = 30 * 86_400_000;

/**
 * Tells a trail's topic of each log file, after its bucket has taken it, in the order of delivery and at least once. Each trail
 * is on its own. Source: "Configuring Amazon SNS notifications for CloudTrail".
 */
export class SnsNotifier {
  readonly #options: SnsNotifierOptions;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  #forget: (() => void) | undefined;

  constructor(options: SnsNotifierOptions) {
    this.#options = options;
  }

  /** Begins with what was left over. */
  start(): void {
    this.#forget ??= this.#options.announcements.onAdded(() => this.#wake());
    this.#wake();
  }

  /** What is being published is finished or cut off; what is left over stays for the next start. */
  async close(): Promise<void> {
    this.#forget?.();
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  #wake(): void {
    if (this.#stop.signal.aborted) return;
    for (const trailId of this.#options.announcements.trails()) {
      if (this.#running.has(trailId)) continue;
      this.#running.set(
        trailId,
        Promise.resolve().then(() => this.#run(trailId)),
      );
    }
  }

  /** Until there is nothing left. */
  async #run(trailId: string): Promise<void> {
    const { announcements, logger, retryDelays = { first: 1_000, most: 300_000 } } = this.#options;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted;) {
      try {
        const waiting = announcements.waiting(trailId, PAGE);
        if (waiting.length === 0) {
          // At once: whatever is added from now on starts anew.
          this.#running.delete(trailId);
          return;
        }
        for (const announcement of waiting) {
          await this.#announce(announcement);
          announcements.done([announcement.id]);
          failures = 0;
        }
      } catch (err) {
        if (signal.aborted) return;
        const most = Math.min(retryDelays.first * 2 ** failures++, retryDelays.most);
        const retryMilliseconds = Math.round(most * (0.75 + Math.random() / 4));
        logger.warn({ err, trail: trailId, failures, retryMilliseconds }, "delivery: could not notify the topic");
        await delay(retryMilliseconds, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #announce(announcement: Announcement): Promise<void> {
    const { trailId, region } = announcement;
    const { outcomes, clock } = this.#options;
    const trail = this.#options.trail(trailId);
    // What waits goes to the topic that the trail has now: a former one may be what it is waiting for.
    const topicArn = trail === undefined ? announcement.topic : trail.snsTopicArn;
    if (topicArn === undefined) return;
    try {
      await this.#publish(topicArn, trail?.accountId, announcement);
      outcomes.succeeded(trailId, region, "latestNotification", clock.now());
    } catch (error) {
      if (this.#stop.signal.aborted) throw error;
      const now = clock.now();
      outcomes.failed(trailId, region, "latestNotification", now, failureCode(error));
      if (announcement.deliveredAt > now - GIVE_UP_AFTER) throw error;
      const fields = { err: error, trail: trailId, topic: topicArn, key: announcement.key };
      this.#options.logger.error(fields, "delivery: the topic refused for thirty days; it will not be told of this file");
    }
  }

  async #publish(topicArn: string, accountId: string | undefined, { bucket, key }: Announcement): Promise<void> {
    const [, , , region = "", owner = ""] = topicArn.split(":");
    const { PublishCommand } = await import("@aws-sdk/client-sns");
    const client = this.#options.clients.sns({ accountId: accountId ?? owner, region });
    const timeout = AbortSignal.timeout(this.#options.requestMilliseconds ?? 10_000);
    const Message = JSON.stringify({ s3Bucket: bucket, s3ObjectKey: [key] });
    await client.send(new PublishCommand({ TopicArn: topicArn, Message }), {
      abortSignal: AbortSignal.any([this.#stop.signal, timeout]),
    });
  }
}
