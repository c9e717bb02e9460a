import { pause } from "../../base/timers.ts";
import type { Trail } from "../../account/trails/trail.ts";
import { type CompressedLog, compressLog } from "./compressed-log.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import type { LogDestination } from "./delivery-state.ts";
import type { LogFlush } from "./log-flush.ts";
import type { LogPlan } from "./log-plan.ts";
import type { LogWindow } from "./log-window.ts";
import { type PutFailure, putFailure } from "./put-failure.ts";
import { putLogFile } from "./put-log-file.ts";

/** Files of one flush that are sent side by side: none of them is in the same folder as another. */
const SIDE_BY_SIDE = 4;
/** Between attempts, in milliseconds. */
const RETRY_DELAYS = { first: 1_000, most: 300_000 };
/** How long events are refused before they are given up. */
const GIVE_UP_MILLISECONDS = 30 * 86_400_000;
/** Content of all trails in memory, waiting to be compressed; what is over is read from the journal again. */
const MEMORY_OCTETS = 128 * 1024 * 1024;

export interface UploadQueueOptions {
  readonly context: DeliveryContext;
  readonly bucket: string;
  /** The trail as it is now. */
  readonly trail: () => Trail;
  /** Milliseconds for which the trail's files had been refused when the process began. */
  readonly refused: number;
  readonly destination: () => LogDestination;
  /** Makes the content of plans again. */
  readonly gather: (plans: readonly LogPlan[], signal: AbortSignal) => Promise<ReadonlyMap<number, LogWindow>>;
  /** Called with each plan that is delivered or given up, and how many of its events are in the file. */
  readonly settled: (plan: LogPlan, delivered: number) => void;
  /** Called when a flush is done. */
  readonly flushed: () => void;
  /** The trail writes to another bucket by now, and these plans go there. */
  readonly reroute: (plans: readonly LogPlan[], flush: LogFlush) => void;
}

interface Attempt {
  readonly plan: LogPlan;
  readonly failure: PutFailure;
  readonly error: unknown;
}

/**
 * Sends a trail's log files to one bucket, flush after flush, so that in each folder a file never shows up behind one that is
 * there already. What fails is tried again until it is thirty days old; its content is not kept meanwhile.
 */
export class UploadQueue {
  readonly #options: UploadQueueOptions;
  readonly #flushes: LogFlush[] = [];
  readonly #closing = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> | undefined;
  #failures = 0;
  #refused: number;
  /** By the timers' clock: when a refusal was seen last. */
  #refusedAt: number | undefined;

  constructor(options: UploadQueueOptions) {
    this.#options = options;
    this.#refused = options.refused;
  }

  get flushes(): readonly LogFlush[] {
    return this.#flushes;
  }

  /** Since the last success. */
  get failures(): number {
    return this.#failures;
  }

  add(flush: LogFlush): void {
    this.#flushes.push(flush);
    if (flush.windows !== undefined && this.#failures === 0) this.#compress(flush, flush.windows);
    else flush.drop();
    this.#running ??= this.#run();
  }

  /** Something has changed: the next attempt is not put off any longer. */
  wake(): void {
    this.#wake.abort();
  }

  /** Gives what is being sent `milliseconds` to arrive. What has not by then is sent again after the next start. */
  async close(milliseconds: number): Promise<void> {
    if (this.#failures > 0) this.#closing.abort();
    const cancel = this.#options.context.timers.after(milliseconds, () => this.#closing.abort());
    await this.#running;
    cancel();
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let flush = this.#flushes[0]; flush !== undefined && !signal.aborted; flush = this.#flushes[0]) {
      try {
        await this.#deliver(flush);
      } catch (error) {
        if (!signal.aborted) this.#failed(flush, error);
      }
      if (flush.plans.length === 0) {
        this.#flushes.shift();
        this.#options.flushed();
      } else if (!signal.aborted) {
        await this.#backOff();
      }
    }
    this.#running = undefined;
  }

  /** Plans that were never tried, or were refused for certain, go where the trail's files go now. */
  #reroute(flush: LogFlush): void {
    const { bucket, destination, reroute } = this.#options;
    if (destination().bucket === bucket) return;
    const moving = flush.plans.filter(({ address }) => address === undefined);
    if (moving.length === 0) return;
    for (const plan of moving) flush.remove(plan);
    reroute(moving, flush);
  }

  async #deliver(flush: LogFlush): Promise<void> {
    const { context, destination, settled } = this.#options;
    this.#reroute(flush);
    const files = await (flush.files ?? this.#again(flush));
    // The trail may have been changed meanwhile. From here to their addresses it cannot be.
    this.#reroute(flush);
    if (flush.plans.length === 0) return;
    const fresh = new Set(flush.plans.filter(({ address }) => address === undefined).map(({ id }) => id));
    flush.replace(context.state.address(flush.plans, destination()));
    const [next] = this.#flushes.slice(1);
    if (next?.windows !== undefined && this.#failures === 0) this.#compress(next, next.windows);

    const rest = [...flush.plans];
    const failed: Attempt[] = [];
    const worker = async (): Promise<void> => {
      for (let plan = rest.shift(); plan !== undefined && failed.length === 0; plan = rest.shift()) {
        const file = files.get(plan.id);
        if (file === undefined) this.#giveUp([plan], "its events cannot be read any more");
        else {
          const attempt = await this.#put(plan, file);
          if (attempt === undefined) settled(plan, Math.min(file.events, plan.events));
          else {
            failed.push(attempt);
            continue;
          }
        }
        flush.remove(plan);
      }
    };
    const workers = this.#failures > 0 ? 1 : SIDE_BY_SIDE;
    // All of them end before a next attempt, lest one file be sent, and counted, by two at once.
    const ends = await Promise.allSettled(Array.from({ length: Math.min(workers, rest.length) }, worker));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    const [first] = failed;
    if (first === undefined) return this.#recovered();
    const uncertain = new Set(failed.filter(({ failure }) => !failure.isRefusal).map(({ plan }) => plan.id));
    const unwritten = flush.plans.filter(({ id }) => fresh.has(id) && !uncertain.has(id));
    flush.replace(context.state.unaddress(unwritten));
    for (const { plan, failure } of failed) {
      context.state.outcomes.failed(plan.trailId, plan.region, "latestDelivery", context.clock.now(), failure.code);
    }
    throw first.error;
  }

  async #put(plan: LogPlan, file: CompressedLog): Promise<Attempt | undefined> {
    const { context, trail } = this.#options;
    const { address } = plan;
    if (address === undefined) throw new Error(`BUG: plan ${plan.id} is sent before it has a key`);
    const { accountId, homeRegion, arn, snsTopicArn: topic } = trail();
    const client = context.clients.s3({ accountId, region: homeRegion });
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(context.settings.requestMilliseconds)]);
    try {
      await putLogFile(client, address, file.body, arn, context.settings, signal);
    } catch (error) {
      return { plan, failure: putFailure(error), error };
    }
    const { hash, oldest, newest, events } = file;
    if (events !== plan.events && plan.family !== "CloudTrail-Aggregated") {
      const fields = { trail: arn, key: address.key, planned: plan.events, events };
      context.logger.error(fields, "delivery: a log file has not the events that were planned: the journal was damaged");
    }
    context.state.delivered({ plan, hash, oldest, newest, events: Math.min(events, plan.events), topic }, address);
    return undefined;
  }

  /** From the journal: nothing of it is in memory any more. */
  async #again(flush: LogFlush): Promise<ReadonlyMap<number, CompressedLog>> {
    const windows = await this.#options.gather(flush.plans, this.#closing.signal);
    return this.#compress(flush, windows);
  }

  #compress(flush: LogFlush, windows: ReadonlyMap<number, LogWindow>): Promise<ReadonlyMap<number, CompressedLog>> {
    const { permits, memory } = this.#options.context;
    let octets = 0;
    for (const window of windows.values()) octets += window.size;
    flush.windows = undefined;
    memory.octets += octets;
    const files = (async () => {
      const compressed = new Map<number, CompressedLog>();
      try {
        await Promise.all(
          [...windows].map(async ([id, window]) => compressed.set(id, await permits.with(() => compressLog(window)))),
        );
      } finally {
        memory.octets -= octets;
      }
      return compressed;
    })();
    files.catch(() => {});
    flush.files = files;
    return files;
  }

  #recovered(): void {
    const { context, bucket, trail } = this.#options;
    if (this.#failures > 0) {
      context.logger.info({ trail: trail().arn, bucket, failures: this.#failures }, "delivery: log files are taken again");
    }
    this.#failures = 0;
    this.#refusedAt = undefined;
    if (this.#refused === 0) return;
    this.#refused = 0;
    context.state.refused(trail().id, 0);
  }

  /** MUST NOT throw: what goes wrong here as well goes better the next time. */
  #failed(flush: LogFlush, error: unknown): void {
    const { context, bucket, trail } = this.#options;
    const { logger, state, clock } = context;
    this.#failures++;
    for (const one of this.#flushes) one.drop();
    const fields = { err: error, trail: trail().arn, bucket, failures: this.#failures };
    logger.warn(fields, "delivery: a log file was not taken, it is tried again");
    try {
      this.#countRefusal();
      if (this.#refused < GIVE_UP_MILLISECONDS) return state.refused(trail().id, this.#refused);
      const oldest = (clock.now() - GIVE_UP_MILLISECONDS) / 1000;
      const expired = flush.plans.filter(({ newest }) => newest < oldest);
      if (expired.length > 0) this.#giveUp(expired, "it was refused for thirty days");
      for (const plan of expired) flush.remove(plan);
    } catch (err) {
      logger.error({ err, trail: trail().arn }, "delivery: its state cannot be written");
    }
  }

  /** A night switched off is no refusal. */
  #countRefusal(): void {
    const { timers, settings } = this.#options.context;
    const now = timers.elapsed();
    const { most } = settings.retryDelays ?? RETRY_DELAYS;
    this.#refused += Math.min(now - (this.#refusedAt ?? now), 2 * most);
    this.#refusedAt = now;
  }

  #giveUp(plans: readonly LogPlan[], reason: string): void {
    const { context, trail, settled } = this.#options;
    const [{ trailId = "" } = {}] = plans;
    context.state.expire(trailId, plans);
    for (const plan of plans) {
      const { events, after, upTo, account, region } = plan;
      const fields = { trail: trail().arn, events, after, upTo, account, region };
      context.logger.error(fields, `delivery: a log file is given up: ${reason}`);
      settled(plan, 0);
    }
  }

  async #backOff(): Promise<void> {
    const { timers, settings } = this.#options.context;
    const { first, most } = settings.retryDelays ?? RETRY_DELAYS;
    const milliseconds = Math.min(first * 2 ** Math.min(this.#failures - 1, 20), most) * (0.75 + Math.random() / 4);
    this.#wake = new AbortController();
    await pause(timers, milliseconds, AbortSignal.any([this.#wake.signal, this.#closing.signal]));
  }
}

/** Whether so much more content may be held until it is compressed. */
export function hasRoom(memory: DeliveryContext["memory"], octets: number): boolean {
  return memory.octets + octets <= MEMORY_OCTETS;
}
