import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { FlakyS3 } from "./support/flaky-s3.ts";
import { Random } from "./support/random.ts";
import { Broken } from "./support/report.ts";
import { type Served, serve } from "./support/served.ts";
import { describeFault, type Fault, faultsOf, injecting, tracing, wasInjected } from "./support/system-calls.ts";
import { callCreateUser, cloudTrail, CloudTrailError, trailCount, untilWhole } from "./support/trail-calls.ts";
import type { SystemCallFaultsOptions } from "./system-call-faults.ts";

export interface DeliveryFaultFigures {
  /** Ways to fail that the traced runs offered. */
  possible: number;
  tried: number;
  /** The call did not come this time. */
  notReached: number;
  wentOn: number;
  endedWithError: number;
}

/** Longer than anything takes that goes on at all, under a tracer, on a busy machine. */
const PATIENCE = 60_000;
const TRAIL = "faulty";
const CONFIG = "opentrail.yaml";

/** `first`: the trail is made in this run. `again`: a death left it with events that wait, and it is stopped in this run. */
type Life = "first" | "again";

interface Trial {
  readonly life: Life;
  readonly fault: Fault;
}

/** What a death left: the data directory, and what had arrived in the bucket. */
interface Remains {
  readonly directory: string;
  readonly objects: FlakyS3["objects"];
}

/**
 * Each file-related system call on the files of delivery fails once while a trail is made, delivers, and is stopped. Calls go
 * on being recorded and answered; delivery goes on by itself, or ends with an error that names the path and goes on after a
 * restart; in the end each event is in one file, and each file in one digest.
 */
export async function deliveryFaults(options: SystemCallFaultsOptions): Promise<DeliveryFaultFigures> {
  const random = new Random(options.seed);
  const root = mkdtempSync(join(tmpdir(), "opentrail-delivery-fault-"));
  try {
    const remains = await died(root, options);
    const possible: Trial[] = [];
    for (const life of ["first", "again"] as const) {
      const faults = await traced(join(root, "traced"), life, remains, options);
      for (const fault of faults) if (isOfDelivery(fault)) possible.push({ life, fault });
    }
    const chosen = possible.filter((trial) => describe(trial).includes(options.only ?? ""));
    const waiting = options.sample === undefined ? chosen : sampleOf(chosen, options.sample, random);
    const figures: DeliveryFaultFigures = { possible: possible.length, tried: 0, notReached: 0, wentOn: 0, endedWithError: 0 };
    const lane = async (_: unknown, at: number): Promise<void> => {
      for (let trial = waiting.shift(); trial !== undefined; trial = waiting.shift()) {
        try {
          figures[await tried(join(root, `lane-${at}`), trial, remains, options)] += 1;
        } catch (error) {
          if (!(error instanceof Broken) || options.onBroken === undefined) throw error;
          options.onBroken(error);
        }
        figures.tried += 1;
        options.progress?.(
          `${figures.tried} of ${figures.tried + waiting.length}, ${describe(trial)}: ${JSON.stringify(figures)}`,
        );
      }
    };
    await Promise.all(Array.from({ length: options.lanes ?? 2 }, lane));
    return figures;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function sampleOf(trials: readonly Trial[], count: number, random: Random): Trial[] {
  const left = [...trials];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.whole(0, left.length - 1), 1)).flat();
}

const describe = ({ life, fault }: Trial): string => `${life} ${describeFault(fault)}`;
const isOfDelivery = ({ path }: Fault): boolean => path.startsWith("delivery.") || path.startsWith("services");

async function died(root: string, options: SystemCallFaultsOptions): Promise<Remains> {
  const run = await Run.begin(join(root, "died"), undefined, [], options);
  await run.ready();
  await run.makeTrail();
  await run.users(3);
  await run.delivered();
  await run.users(3);
  await run.end("SIGKILL");
  await run.bucket.close();
  return { directory: run.dataDir, objects: run.bucket.objects };
}

async function traced(
  directory: string,
  life: Life,
  remains: Remains,
  options: SystemCallFaultsOptions,
): Promise<readonly Fault[]> {
  const log = `${directory}-log`;
  const run = await Run.begin(directory, life === "again" ? remains : undefined, tracing(log), options);
  await run.live(life);
  await run.end("SIGTERM");
  await run.bucket.close();
  const faults = faultsOf(log, run.dataDir);
  run.remove();
  return faults;
}

async function tried(
  directory: string,
  { life, fault }: Trial,
  remains: Remains,
  options: SystemCallFaultsOptions,
): Promise<"notReached" | "wentOn" | "endedWithError"> {
  const log = `${directory}-log`;
  const wrapper = injecting(log, join(directory, "data"), fault);
  const run = await Run.begin(directory, life === "again" ? remains : undefined, wrapper, options, describe({ life, fault }));
  try {
    if (await run.ready()) await run.live(life);
    const ended = run.served.exit !== undefined;
    if (ended) run.expectPathInLog();
    await run.end(fault.nth % 2 === 0 ? "SIGTERM" : "SIGKILL");
    const injected = wasInjected(log);
    await run.wholeAfterRestart();
    return injected ? (ended ? "endedWithError" : "wentOn") : "notReached";
  } finally {
    await run.served.kill();
    await run.bucket.close();
    run.remove();
  }
}

/** OpenTrail with one trail, and the bucket behind it. */
class Run {
  readonly bucket: FlakyS3;
  readonly dataDir: string;
  readonly #options: SystemCallFaultsOptions;
  readonly #what: string;
  #served: Served;
  #url = "";
  #users = 0;
  #isStopped = false;

  private constructor(
    dataDir: string,
    bucket: FlakyS3,
    wrapper: readonly string[],
    options: SystemCallFaultsOptions,
    what: string,
  ) {
    this.dataDir = dataDir;
    this.bucket = bucket;
    this.#options = options;
    this.#what = what;
    this.#served = this.#serve(wrapper);
  }

  static async begin(
    directory: string,
    remains: Remains | undefined,
    wrapper: readonly string[],
    options: SystemCallFaultsOptions,
    what = "no fault",
  ): Promise<Run> {
    const dataDir = join(directory, "data");
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(dataDir, { recursive: true });
    if (remains === undefined) writeFileSync(join(dataDir, CONFIG), "delivery: { flushSeconds: 1, digestMinutes: 1 }\n");
    else cpSync(remains.directory, dataDir, { recursive: true });
    const bucket = new FlakyS3(new Random(options.seed));
    bucket.failing = false;
    for (const [key, object] of remains?.objects ?? []) bucket.objects.set(key, { ...object });
    await bucket.listen();
    return new Run(dataDir, bucket, wrapper, options, what);
  }

  get served(): Served {
    return this.#served;
  }

  /** False where it ended before. */
  async ready(): Promise<boolean> {
    const url = await this.#within(this.#served.ready, "its start");
    this.#url = url ?? "";
    return url !== undefined;
  }

  /** Goes on as far as it comes. */
  async live(life: Life): Promise<void> {
    if (this.#url === "" && !(await this.ready())) return;
    if (life === "first") await this.makeTrail();
    await this.users(3);
    await this.delivered();
    await this.users(2);
    if (life === "first" || this.#hasEnded) return;
    await this.#stopLogging();
    if (!this.#hasEnded) await this.#whole();
  }

  async makeTrail(): Promise<void> {
    const trail = { Name: TRAIL, S3BucketName: "bucket", EnableLogFileValidation: true };
    await this.#insist("CreateTrail", trail, /TrailAlreadyExists/);
    await this.#insist("StartLogging", { Name: TRAIL });
  }

  /** Delivery's trouble is nobody else's. */
  async users(count: number): Promise<void> {
    for (let at = 0; at < count && !this.#hasEnded; at++) {
      try {
        await callCreateUser(this.#url, `user-${(this.#users += 1)}`);
      } catch (error) {
        if (!this.#hasEnded) this.#break("calls are answered whatever happens to delivery", String(error));
      }
    }
  }

  async delivered(): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      if (this.#hasEnded) return;
      const count = await trailCount(this.#url).catch(() => undefined);
      // StartLogging is the first.
      if (count !== undefined && count.pending === 0 && count.delivered > this.#users) return;
      if (Date.now() > deadline) this.#break("delivery goes on by itself", `not within ${PATIENCE} ms: ${JSON.stringify(count)}`);
      await delay(50);
    }
  }

  expectPathInLog(): void {
    if (this.#served.exit?.code === 0) this.#break("what cannot go on ends with an error", "it ended with exit code 0");
    if (!this.#served.log().includes(this.dataDir))
      this.#break("an error names the path", `it ended (${JSON.stringify(this.#served.exit)}) without naming one`);
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#served.signal(signal);
    await this.#within(this.#served.ended, "its end");
  }

  async wholeAfterRestart(): Promise<void> {
    this.#served = this.#serve([]);
    if (!(await this.ready())) this.#break("a restart succeeds", JSON.stringify(this.#served.exit));
    if (!this.#isStopped) {
      await this.makeTrail();
      await this.users(2);
      await this.#stopLogging();
    }
    await this.#whole();
  }

  remove(): void {
    rmSync(join(this.dataDir, ".."), { recursive: true, force: true });
  }

  get #hasEnded(): boolean {
    return this.#served.exit !== undefined;
  }

  async #stopLogging(): Promise<void> {
    await this.#insist("StopLogging", { Name: TRAIL });
    this.#isStopped = !this.#hasEnded;
  }

  async #whole(): Promise<void> {
    try {
      await untilWhole(this.#url, this.bucket, PATIENCE);
    } catch (error) {
      if (!this.#hasEnded) this.#break("each event in one file, each file in one digest", String(error));
    }
  }

  /** Asks again where something of ours went wrong. */
  async #insist(operation: string, input: object, done?: RegExp): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!this.#hasEnded) {
      try {
        await cloudTrail(this.#url, operation, input);
        return;
      } catch (error) {
        if (error instanceof CloudTrailError && done?.test(error.message) === true) return;
        if (error instanceof CloudTrailError && error.status < 500)
          this.#break("a fault of ours is an error of ours", String(error));
        if (Date.now() > deadline && !this.#hasEnded) this.#break("an operation succeeds in the end", String(error));
      }
      await delay(50);
    }
  }

  #serve(wrapper: readonly string[]): Served {
    const { project } = this.#options;
    return serve({
      dataDir: this.dataDir,
      flags: ["--config", join(this.dataDir, CONFIG), "--upstream", this.bucket.url],
      wrapper,
      // The calls of one thread come in one order.
      environment: { UV_THREADPOOL_SIZE: "1" },
      ...(project === undefined ? {} : { project }),
    });
  }

  async #within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
    const late = new AbortController();
    const deadline = delay(PATIENCE, undefined, { signal: late.signal }).then(() =>
      this.#break("nothing hangs", `waited in vain for ${what}`),
    );
    deadline.catch(() => {});
    try {
      return await Promise.race([promise, deadline]);
    } finally {
      late.abort();
    }
  }

  #break(promise: string, what: string): never {
    // The lane is used again.
    const kept = mkdtempSync(join(tmpdir(), "opentrail-kept-"));
    cpSync(this.dataDir, kept, { recursive: true });
    throw new Broken([{ promise: `${this.#what}: ${promise}`, what }], this.#options.seed, kept, this.#served.log());
  }
}
