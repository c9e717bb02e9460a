import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { CallBook } from "./support/call-book.ts";
import { refusalOf } from "./support/call.ts";
import {
  type CallKind,
  createTrail,
  createUser,
  getUser,
  lookupEvents,
  ordinaryKinds,
  putBucketPolicy,
  putParameter,
} from "./support/call-kinds.ts";
import { checkCalls, type Violation } from "./support/check-calls.ts";
import { Client } from "./support/client.ts";
import { ObservedBackend } from "./support/observed-backend.ts";
import { Random } from "./support/random.ts";
import { readBack } from "./support/read-back.ts";
import { Broken } from "./support/report.ts";
import { type Served, serve } from "./support/served.ts";
import { describeFault, type Fault, faultsOf, injecting, tracing, wasInjected } from "./support/system-calls.ts";
import { makeTemplate, type Template } from "./support/template.ts";

export interface SystemCallFaultsOptions {
  readonly seed: number;
  /** How many of all faults are tried, chosen at random; default: all. */
  readonly sample?: number;
  /** Tried at the same time; default 2. */
  readonly lanes?: number;
  /** Only faults whose description contains this. */
  readonly only?: string;
  readonly project?: string;
  readonly progress?: (line: string) => void;
  /** Told of each broken promise; without it the first one is thrown. */
  readonly onBroken?: (broken: Broken) => void;
}

export interface SystemCallFigures {
  /** Ways to fail that the traced run offered. */
  possible: number;
  tried: number;
  /** The call did not come this time: the order of things differs a little from run to run. */
  notReached: number;
  wentOn: number;
  refusedForAWhile: number;
  endedWithError: number;
}

/** Longer than anything takes that goes on at all, under a tracer, on a busy machine. */
const PATIENCE = 60_000;

/**
 * Traces a run on data that a crash left (start, recovery, light load, orderly end), then repeats it once for each file-related
 * system call on the data directory, letting that one fail. OpenTrail either goes on, or refuses for a while, or ends and says
 * where; started again without the fault, it has everything that it acknowledged.
 */
export async function systemCallFaults(options: SystemCallFaultsOptions): Promise<SystemCallFigures> {
  const random = new Random(options.seed);
  const { project } = options;
  const template = await makeTemplate({ random, answers: [60, 20], ...(project === undefined ? {} : { project }) });
  const lanes = Array.from({ length: options.lanes ?? 2 }, () => mkdtempSync(join(tmpdir(), "opentrail-fault-")));
  try {
    const possible = (await traced(lanes[0] ?? "", template, options)).filter((fault) =>
      describeFault(fault).includes(options.only ?? ""),
    );
    const waiting = options.sample === undefined ? [...possible] : sampleOf(possible, options.sample, random);
    const figures: SystemCallFigures = {
      possible: possible.length,
      tried: 0,
      notReached: 0,
      wentOn: 0,
      refusedForAWhile: 0,
      endedWithError: 0,
    };
    await Promise.all(
      lanes.map(async (lane) => {
        for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
          try {
            figures[await tried(lane, template, fault, options)] += 1;
          } catch (error) {
            if (!(error instanceof Broken) || options.onBroken === undefined) throw error;
            options.onBroken(error);
          }
          figures.tried += 1;
          options.progress?.(
            `${figures.tried} of ${figures.tried + waiting.length}, ${describeFault(fault)}: ${JSON.stringify(figures)}`,
          );
        }
      }),
    );
    return figures;
  } finally {
    for (const lane of lanes) rmSync(lane, { recursive: true, force: true });
    template.remove();
  }
}

function sampleOf(faults: readonly Fault[], count: number, random: Random): Fault[] {
  const left = [...faults];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.whole(0, left.length - 1), 1)[0]).filter(
    (fault) => fault !== undefined,
  );
}

async function traced(lane: string, template: Template, options: SystemCallFaultsOptions): Promise<readonly Fault[]> {
  const dataDir = join(lane, "data");
  const log = join(lane, "trace");
  template.copyTo(dataDir);
  const run = await Run.begin(dataDir, tracing(log), template.book.copy(), options);
  await run.ready();
  await run.lightLoad();
  await run.end("SIGTERM");
  await run.backend.close();
  return faultsOf(log, dataDir);
}

async function tried(
  lane: string,
  template: Template,
  fault: Fault,
  options: SystemCallFaultsOptions,
): Promise<"notReached" | "wentOn" | "refusedForAWhile" | "endedWithError"> {
  const dataDir = join(lane, "data");
  const log = join(lane, "trace");
  template.copyTo(dataDir);
  const run = await Run.begin(dataDir, injecting(log, dataDir, fault), template.book.copy(), options, describeFault(fault));
  try {
    if (await run.ready()) {
      await run.lightLoad();
      await run.resumed();
    }
    const ended = run.served.exit !== undefined;
    if (ended) run.expectPathInLog();
    await run.end(fault.nth % 2 === 0 ? "SIGTERM" : "SIGKILL");
    const injected = wasInjected(log);
    await run.checkAfterRestart();
    if (!injected) return "notReached";
    return ended ? "endedWithError" : run.wasRefused ? "refusedForAWhile" : "wentOn";
  } finally {
    await run.served.kill();
    await run.backend.close();
  }
}

/** OpenTrail on a copy of the template, and its one client. */
class Run {
  readonly served: Served;
  readonly backend: ObservedBackend;
  readonly #dataDir: string;
  readonly #book: CallBook;
  readonly #client = new Client();
  readonly #options: SystemCallFaultsOptions;
  readonly #what: string;
  #url = "";

  private constructor(
    dataDir: string,
    wrapper: readonly string[],
    book: CallBook,
    backend: ObservedBackend,
    options: SystemCallFaultsOptions,
    what: string,
  ) {
    this.#dataDir = dataDir;
    this.#book = book;
    this.#options = options;
    this.#what = what;
    this.backend = backend;
    this.served = this.#serve(wrapper);
  }

  static async begin(
    dataDir: string,
    wrapper: readonly string[],
    book: CallBook,
    options: SystemCallFaultsOptions,
    what = "traced run",
  ): Promise<Run> {
    return new Run(dataDir, wrapper, book, await ObservedBackend.start(book), options, what);
  }

  get wasRefused(): boolean {
    return [...this.#book.calls.values()].some(({ answer }) => answer !== undefined && refusalOf(answer) !== undefined);
  }

  /** False where it ended before. */
  async ready(): Promise<boolean> {
    const url = await this.#within(this.served.ready, "its start");
    this.#url = url ?? "";
    return url !== undefined;
  }

  async lightLoad(): Promise<void> {
    const upload = ordinaryKinds.find(({ eventName }) => eventName === "PutObject") ?? putBucketPolicy;
    for (const kind of [createUser, putParameter, getUser, upload, createTrail, lookupEvents, putBucketPolicy])
      await this.#call(kind);
    await Promise.all([createUser, putParameter, putBucketPolicy, createUser].map((kind) => this.#call(kind, new Client())));
    for (const path of ["status", "events?limit=50", "health", "metrics"]) {
      await fetch(`${this.#url}/_opentrail/${path}`, { signal: AbortSignal.timeout(PATIENCE) }).then(
        (response) => response.text(),
        (error: unknown) => {
          if (error instanceof Error && error.name === "TimeoutError") this.#break("nothing hangs", `${path} did not answer`);
        },
      );
    }
  }

  /** Waits until calls are recorded again, or it has ended. */
  async resumed(): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (this.served.exit === undefined) {
      if ((await this.#call(createUser)) === 200) return;
      if (Date.now() > deadline) this.#break("recording resumes", `not within ${PATIENCE} ms`);
      await delay(50);
    }
  }

  expectPathInLog(): void {
    if (this.served.exit?.code === 0) this.#break("what cannot go on ends with an error", "it ended with exit code 0");
    if (!this.served.log().includes(this.#dataDir))
      this.#break("an error names the path", `it ended (${JSON.stringify(this.served.exit)}) without naming one`);
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.served.signal(signal);
    await this.#within(this.served.ended, "its end");
    this.#client.close();
  }

  async checkAfterRestart(): Promise<void> {
    const again = this.#serve([]);
    try {
      const url = await this.#within(again.ready, "its second start");
      if (url === undefined) this.#break("a restart succeeds", again.log());
      const { calls } = this.#book;
      const violations = checkCalls(calls.values(), await readBack(url), calls, { dataEvents: true, outages: true });
      if (violations.length > 0) throw this.#broken(violations);
    } finally {
      await again.kill();
    }
  }

  #serve(wrapper: readonly string[]): Served {
    const { project } = this.#options;
    return serve({
      dataDir: this.#dataDir,
      flags: ["--upstream", this.backend.url, "--history-data-events"],
      wrapper,
      // The calls of one thread come in one order.
      environment: { UV_THREADPOOL_SIZE: "1" },
      ...(project === undefined ? {} : { project }),
    });
  }

  async #call(kind: CallKind, client = this.#client): Promise<number | undefined> {
    const call = this.#book.note(kind, "plain");
    await client.call(this.#url, call);
    if (client.hung.length > 0) this.#break("no call hangs", `${kind.eventName} got neither an answer nor an end`);
    if (client !== this.#client) client.close();
    return call.answer?.status;
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
    throw this.#broken([{ promise, what }]);
  }

  #broken(violations: readonly Violation[]): Broken {
    const named = violations.map((violation) => ({ ...violation, promise: `${this.#what}: ${violation.promise}` }));
    // The lane is used again.
    const kept = mkdtempSync(join(tmpdir(), "opentrail-kept-"));
    cpSync(this.#dataDir, kept, { recursive: true });
    return new Broken(named, this.#options.seed, kept, this.served.log());
  }
}
