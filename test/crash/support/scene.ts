import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../support/opentrail-process.ts";
import { CallBook } from "./call-book.ts";
import type { Call, Plan } from "./call.ts";
import type { CallKind } from "./call-kinds.ts";
import { checkCalls, type Expectations, type Violation } from "./check-calls.ts";
import { Client } from "./client.ts";
import { Load, type LoadOptions } from "./load.ts";
import { ObservedBackend } from "./observed-backend.ts";
import { Random } from "./random.ts";
import { readBack, type ReadRecord } from "./read-back.ts";
import { Broken } from "./report.ts";
import { checkServiceCalls } from "./service-calls.ts";
import { serve, type Served, type ServeOptions } from "./served.ts";

export interface SceneOptions {
  readonly seed: number;
  /** Default: a new one, removed at the end. */
  readonly dataDir?: string;
  readonly book?: CallBook;
  readonly project?: string | undefined;
}

/** One data directory, the OpenTrail on it, and the observer around it. */
export class Scene {
  readonly random: Random;
  readonly book: CallBook;
  readonly backend: ObservedBackend;
  readonly dataDir: string;
  readonly #options: SceneOptions;
  readonly #client = new Client();
  #served: Served | undefined;
  #url: string | undefined;
  #broken = false;

  private constructor(options: SceneOptions, book: CallBook, backend: ObservedBackend) {
    this.#options = options;
    this.random = new Random(options.seed);
    this.book = book;
    this.backend = backend;
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "opentrail-scene-"));
  }

  static async begin(options: SceneOptions): Promise<Scene> {
    const book = options.book ?? new CallBook("s");
    return new Scene(options, book, await ObservedBackend.start(book));
  }

  get served(): Served {
    if (this.#served === undefined) throw new Error("nothing is served");
    return this.#served;
  }

  get url(): string {
    if (this.#url === undefined) throw new Error("nothing is served");
    return this.#url;
  }

  /** Starts OpenTrail and waits until it is ready; an end before that breaks a promise. */
  async start(options: Partial<Omit<ServeOptions, "dataDir">> = {}): Promise<string> {
    const { project } = this.#options;
    const flags = ["--upstream", this.backend.url, "--history-data-events", ...(options.flags ?? [])];
    this.#served = serve({ ...(project === undefined ? {} : { project }), ...options, dataDir: this.dataDir, flags });
    this.#url = await this.#served.ready;
    if (this.#url === undefined) this.break([{ promise: "a restart succeeds", what: JSON.stringify(this.#served.exit) }]);
    return this.#url;
  }

  /** One call, after the one before. */
  async call(kind: CallKind, plan: Plan = "plain"): Promise<Call> {
    const call = this.book.note(kind, plan);
    await this.#client.call(this.url, call);
    this.#expectNoneHung(this.#client.hung);
    return call;
  }

  load(options: Partial<Omit<LoadOptions, "book" | "random" | "url">> = {}): Load {
    return new Load({ clients: 4, ...options, book: this.book, random: this.random.fork(), url: () => this.#url });
  }

  async stop(load: Load): Promise<void> {
    await load.stop();
    this.#expectNoneHung(load.hung);
  }

  async kill(): Promise<void> {
    await this.served.kill();
    await until(async () => (this.backend.quiet ? true : undefined), "the backend's connections to end");
  }

  /** Holds all calls against all events, and answers these, newest first. */
  async check(expectations: Partial<Expectations> = {}): Promise<readonly ReadRecord[]> {
    const [violations, records] = await this.#compare(expectations);
    if (violations.length > 0) this.break(violations);
    return records;
  }

  /** The same while OpenTrail is still writing what it could not write before. */
  async checkSoon(expectations: Partial<Expectations> = {}): Promise<readonly ReadRecord[]> {
    for (const deadline = Date.now() + 15_000; ;) {
      const [violations, records] = await this.#compare(expectations);
      if (violations.length === 0) return records;
      if (Date.now() > deadline) this.break(violations);
    }
  }

  async #compare(expectations: Partial<Expectations>): Promise<readonly [Violation[], readonly ReadRecord[]]> {
    const records = await readBack(this.url);
    const { calls } = this.book;
    const expected = { dataEvents: true, outages: false, ...expectations };
    const violations = checkCalls(calls.values(), records, calls, expected);
    violations.push(...checkServiceCalls(this.book.service, records, expected));
    for (const stray of this.backend.strays) violations.push({ promise: "no call that nobody made", what: stray });
    return [violations, records];
  }

  break(violations: readonly Violation[]): never {
    this.#broken = true;
    let kept = this.dataDir;
    if (this.#options.dataDir !== undefined) {
      // It goes with its owner.
      kept = mkdtempSync(join(tmpdir(), "opentrail-kept-"));
      cpSync(this.dataDir, kept, { recursive: true });
    }
    throw new Broken(violations, this.#options.seed, kept, this.#served?.log() ?? "");
  }

  /** Ends what runs; the data goes too, unless a promise was broken or it is somebody else's. */
  async end(): Promise<void> {
    this.#client.close();
    await this.#served?.kill();
    await this.backend.close();
    if (!this.#broken && this.#options.dataDir === undefined) rmSync(this.dataDir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #expectNoneHung(hung: readonly Call[]): void {
    if (hung.length === 0) return;
    this.break(hung.map((call) => ({ promise: "no call hangs", what: "neither an answer nor an end", call })));
  }
}
