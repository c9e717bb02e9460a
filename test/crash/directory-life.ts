import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../support/opentrail-process.ts";
import { CallBook } from "./support/call-book.ts";
import type { Call } from "./support/call.ts";
import { checkCalls, type Violation } from "./support/check-calls.ts";
import { compareTrails } from "./support/compare-trails.ts";
import { HistoryMemory } from "./support/history-memory.ts";
import { Load } from "./support/load.ts";
import { compareLookup } from "./support/looked-up.ts";
import { ObservedBackend } from "./support/observed-backend.ts";
import type { Random } from "./support/random.ts";
import { readBack } from "./support/read-back.ts";
import { Broken } from "./support/report.ts";
import { checkServiceCalls } from "./support/service-calls.ts";
import { serve, type Served } from "./support/served.ts";

export interface DirectoryLifeOptions {
  readonly random: Random;
  /** For the report. */
  readonly seed: number;
  readonly number: number;
  readonly project?: string;
  /** Processes that capture; default: one or two, as chance has it. */
  readonly processes?: number;
}

export interface DirectoryLifeFigures {
  killedBeforeReady: number;
  /** Capture processes ended alone, while the rest went on. */
  processesKilled: number;
  checks: number;
  calls: number;
  answered: number;
  changingReceived: number;
}

/** Event times are whole seconds, and a call's event has the time at which it began. */
const MARGIN_SECONDS = 5;
/** Everything, not only what is new, is held against everything in one check of so many. */
const FULL_CHECK_EVERY = 10;

/** The lives and deaths of OpenTrail on one data directory, under the eyes of one observer. */
export class DirectoryLife {
  readonly figures: DirectoryLifeFigures = {
    killedBeforeReady: 0,
    processesKilled: 0,
    checks: 0,
    calls: 0,
    answered: 0,
    changingReceived: 0,
  };
  readonly memory = new HistoryMemory();
  readonly #options: DirectoryLifeOptions;
  readonly #random: Random;
  readonly #dataDir = mkdtempSync(join(tmpdir(), "opentrail-kill-"));
  readonly #book: CallBook;
  readonly #backend: ObservedBackend;
  readonly #dataEvents: boolean;
  readonly #processes: number;
  /** Calls that were made after the last check. */
  #unchecked: Call[] = [];
  #seen = 0;
  #port = 0;
  #served: Served | undefined;

  private constructor(options: DirectoryLifeOptions, book: CallBook, backend: ObservedBackend) {
    this.#options = options;
    this.#random = options.random;
    this.#book = book;
    this.#backend = backend;
    this.#dataEvents = this.#random.chance(0.5);
    const severalOrOne = this.#random.chance(0.4) ? 2 : 1;
    this.#processes = options.processes ?? severalOrOne;
  }

  static async begin(options: DirectoryLifeOptions): Promise<DirectoryLife> {
    const book = new CallBook(`d${options.number}`);
    return new DirectoryLife(options, book, await ObservedBackend.start(book));
  }

  /** One life, to its sudden end: in its start, at once when it is ready, under load, or while it stops. */
  async round(): Promise<void> {
    const random = this.#random;
    const way = random.next();
    if (way < 0.15) return this.#dieInStart();
    // Now and then straight on, so that several deaths lie between two checks.
    const unchecked = way < 0.25;
    await this.#dieUnderLoad(way < 0.3 ? random.whole(0, 30) : random.whole(20, 450), unchecked, way > 0.92);
  }

  /** Checks all of it a last time. */
  async end(): Promise<void> {
    const [served, url] = await this.#ready();
    await this.#check(served, url, true);
    await served.kill();
    this.#expectNone(this.memory.compareJournal(this.#dataDir), served);
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served?.kill();
    await this.#backend.close();
  }

  #start(): Served {
    const flags = ["--upstream", this.#backend.url, ...(this.#dataEvents ? ["--history-data-events"] : [])];
    if (this.#processes > 1) flags.push("--capture-processes", String(this.#processes));
    const port = this.#random.chance(0.6) ? this.#port : 0;
    const { project } = this.#options;
    this.#served = serve({ dataDir: this.#dataDir, port, flags, ...(project === undefined ? {} : { project }) });
    return this.#served;
  }

  async #ready(): Promise<readonly [Served, string]> {
    const served = this.#start();
    const url = await served.ready;
    if (url === undefined) {
      if (served.log().includes("is in use; choose another")) {
        // Somebody else took the port meanwhile.
        this.#port = 0;
        return this.#ready();
      }
      return this.#break([{ promise: "a restart succeeds", what: JSON.stringify(served.exit) }], served);
    }
    this.#port = Number(new URL(url).port);
    return [served, url];
  }

  /** Clients are knocking meanwhile. */
  async #dieInStart(): Promise<void> {
    const served = this.#start();
    let url = this.#port === 0 ? undefined : `http://127.0.0.1:${this.#port}`;
    let isReady = false;
    const watching = (async () => {
      url = await served.ready;
      isReady = url !== undefined;
    })();
    const load = new Load({ book: this.#book, random: this.#random.fork(), url: () => url, clients: 2 });
    await delay(this.#random.whole(60, 900));
    if (!isReady) this.figures.killedBeforeReady += 1;
    await this.#kill(served, load);
    await watching;
  }

  async #dieUnderLoad(milliseconds: number, unchecked: boolean, stopping: boolean): Promise<void> {
    const [served, url] = await this.#ready();
    if (!unchecked) await this.#check(served, url, this.figures.checks % FULL_CHECK_EVERY === 0);
    const clients = this.#random.whole(3, 12);
    const load = new Load({ book: this.#book, random: this.#random.fork(), url: () => url, clients });
    await delay(milliseconds);
    const processes = served.processes();
    if (processes.length > 0 && this.#random.chance(0.5)) {
      process.kill(this.#random.pick(processes), "SIGKILL");
      this.figures.processesKilled += 1;
      await delay(this.#random.whole(0, 400));
    }
    if (stopping) {
      served.signal("SIGTERM");
      await delay(this.#random.whole(0, 60));
    }
    await this.#kill(served, load);
  }

  async #kill(served: Served, load: Load): Promise<void> {
    await Promise.all([served.kill(), load.stop()]);
    await until(async () => (this.#backend.quiet ? true : undefined), "the backend's connections to end");
    const calls = [...this.#book.calls.values()].slice(this.#seen);
    this.#seen += calls.length;
    this.#unchecked.push(...calls);
    this.figures.calls += calls.length;
    for (const { answer, kind, received } of calls) {
      if (answer !== undefined) this.figures.answered += 1;
      if (kind.changing && received > 0) this.figures.changingReceived += 1;
    }
    const hung = load.hung.map((call) => ({ promise: "no call hangs", what: "neither an answer nor an end", call }));
    this.#expectNone(hung, served);
  }

  async #check(served: Served, url: string, full: boolean): Promise<void> {
    const calls = full ? [...this.#book.calls.values()] : this.#unchecked;
    const earliest = Math.min(Date.now(), ...calls.map(({ sentAt }) => sentAt));
    const records = await readBack(url, full ? undefined : Math.floor(earliest / 1000) - MARGIN_SECONDS);
    const expectations = { dataEvents: this.#dataEvents, outages: false };
    const violations = [
      ...checkCalls(calls, records, this.#book.calls, expectations),
      ...(full ? checkServiceCalls(this.#book.service, records, expectations) : []),
      ...this.#backend.strays.map((what) => ({ promise: "no call that nobody made", what })),
      ...this.memory.compare(records, full),
    ];
    if (full) {
      violations.push(...(await compareLookup(url, this.#book, records)), ...(await compareTrails(url, this.#book, records)));
    }
    this.#expectNone(violations, served);
    this.#unchecked = [];
    this.figures.checks += 1;
  }

  #expectNone(violations: readonly Violation[], served: Served): void {
    if (violations.length > 0) this.#break(violations, served);
  }

  #break(violations: readonly Violation[], served: Served): never {
    throw new Broken(violations, this.#options.seed, this.#dataDir, served.log());
  }
}
