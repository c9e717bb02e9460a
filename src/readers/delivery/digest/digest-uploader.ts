import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import { pause, type Timers } from "../../../base/timers.ts";
import type { DestinationClients } from "../destination-clients.ts";
import { destinationErrorOf } from "../destination-error.ts";
import { putLogFile, type PutSettings } from "../put-log-file.ts";
import type { TrailOutcomes } from "../trail-outcomes.ts";
import type { DeliveredFiles } from "./delivered-files.ts";
import { SIGNATURE_ALGORITHM } from "./digest-document.ts";
import type { DigestQueue, DigestState, PendingDigest } from "./digest-state.ts";

export interface DigestUploaderOptions {
  readonly state: DigestState;
  readonly files: DeliveredFiles;
  readonly outcomes: Pick<TrailOutcomes, "succeeded" | "failed">;
  readonly destinations: Pick<DestinationClients, "s3">;
  readonly settings: PutSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers: Timers;
}

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
/** Then a digest that nobody takes is given up, as log files are. */
const GIVE_UP_AFTER = 30 * DAY_MILLISECONDS;
const FIRST_RETRY = 1000;
const LAST_RETRY = 5 * 60 * 1000;
/** Where our own state failed. */
const STATE_RETRY = 10_000;
const PUT_TIMEOUT = 60_000;
/** Uploads at a time, of different chains. */
const AT_A_TIME = 8;

/** Delivers stored digests: each chain's in order, chains beside each other, the same bytes to the same key however often. */
export class DigestUploader {
  readonly #options: DigestUploaderOptions;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  #free = AT_A_TIME;
  readonly #queued: (() => void)[] = [];

  constructor(options: DigestUploaderOptions) {
    this.#options = options;
  }

  /** Takes up every queue that nobody works on. */
  start(): void {
    if (this.#stop.signal.aborted) return;
    for (const queue of this.#options.state.queues()) {
      const name = `${queue.chainId} ${queue.bucket}`;
      if (this.#running.has(name)) continue;
      this.#running.set(name, this.#work(name, queue));
    }
  }

  /** What is on its way is broken off; it is sent again after the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const wake of this.#queued.splice(0)) wake();
    await Promise.all(this.#running.values());
  }

  async #work(name: string, queue: DigestQueue): Promise<void> {
    try {
      await this.#drain(queue);
    } catch (err) {
      // Not the destination's doing: what was sent could not be noted, or what is to be sent not be read.
      this.#options.logger.error({ err, ...queue }, "digests: delivery failed; will be tried again");
      await pause(this.#options.timers, STATE_RETRY, this.#stop.signal);
    }
    this.#running.delete(name);
    try {
      // One may have been stored just after the last was gone.
      this.start();
    } catch (err) {
      this.#options.logger.error({ err }, "digests: what waits could not be read; will be tried again");
    }
  }

  async #drain(queue: DigestQueue): Promise<void> {
    const { state, timers } = this.#options;
    const { signal } = this.#stop;
    let retryAfter = FIRST_RETRY;
    while (!signal.aborted) {
      const digest = state.next(queue);
      if (digest === undefined) return;
      if (await this.#inTurn(() => this.#deliver(digest))) {
        retryAfter = FIRST_RETRY;
        continue;
      }
      if (signal.aborted) return;
      await pause(timers, retryAfter * (0.5 + Math.random() / 2), signal);
      retryAfter = Math.min(retryAfter * 2, LAST_RETRY);
    }
  }

  /** Whether the digest is done with. */
  async #deliver(digest: PendingDigest): Promise<boolean> {
    const { state, files, outcomes, clock, logger } = this.#options;
    const { trailId, region, bucket, key } = digest;
    const finish = (note: () => void): void =>
      state.commit(() => {
        state.removeDigest(digest.id);
        files.forget(digest.id);
        note();
      });
    try {
      await this.#put(digest);
    } catch (err) {
      if (this.#stop.signal.aborted) return false;
      const now = clock.now();
      const failed = (): void => outcomes.failed(trailId, region, "latestDigestDelivery", now, destinationErrorOf(err)?.code);
      if (now - digest.createdAt > GIVE_UP_AFTER) {
        logger.error({ err, bucket, key }, "digests: given up after thirty days of refusals");
        finish(failed);
        return true;
      }
      logger.warn({ err, bucket, key }, "digests: not delivered; will be tried again");
      failed();
      return false;
    }
    finish(() => outcomes.succeeded(trailId, region, "latestDigestDelivery", clock.now()));
    return true;
  }

  async #put({ bucket, key, body, signature, backfilledAt, target }: PendingDigest): Promise<void> {
    const { ownerAccount, homeRegion, trailArn, kmsKeyId } = target;
    const client = this.#options.destinations.s3({ accountId: ownerAccount, region: homeRegion });
    const abortSignal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PUT_TIMEOUT)]);
    const metadata = {
      signature,
      "signature-algorithm": SIGNATURE_ALGORITHM,
      ...(backfilledAt === undefined ? {} : { "backfill-generation-timestamp": backfilledAt }),
    };
    await putLogFile(client, { bucket, key, kmsKeyId }, body, trailArn, this.#options.settings, abortSignal, metadata);
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free === 0) await new Promise<void>((wake) => this.#queued.push(wake));
    else this.#free -= 1;
    try {
      return await work();
    } finally {
      const next = this.#queued.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
