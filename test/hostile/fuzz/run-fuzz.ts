import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gatewayCounts, addsUp, type GatewayCounts } from "../support/gateway-counts.ts";
import { Random } from "../support/random.ts";
import { mainThreadMilliseconds, openFiles, residentMegabytes } from "../support/process-facts.ts";
import type { StrictUpstream } from "../support/strict-upstream.ts";
import { type OpenTrailProcess, until } from "../../support/opentrail-process.ts";
import { play, type Played } from "./run-script.ts";
import { type Script, scriptOf, type Workshop } from "./script.ts";
import { type Backend, startSubject, type Subject } from "./subject.ts";

export interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
  /** Connections at once. */
  readonly connections: number;
  readonly backend: Backend;
  /** Number of the first script. */
  readonly from?: number;
  /** Requests between two reckonings. */
  readonly round?: number;
  /** The same seed plays its first scripts one at a time, and the processor time of each is measured; default a tenth of `requests`. */
  readonly solo?: number;
  readonly say?: (line: string) => void;
}

export interface FuzzReport {
  readonly requests: number;
  readonly scripts: number;
  readonly perSecond: number;
  /** Answers with an id of their own, refusals of what is no HTTP, requests that the upstream saw. */
  readonly answered: number;
  readonly refusals: number;
  readonly forwarded: number;
  readonly counts: GatewayCounts;
  readonly megabytes: { readonly before: number; readonly after: number };
  readonly files: { readonly before: number; readonly after: number };
  /** The scripts that took most of the processor, one at a time. */
  readonly costly: readonly { readonly script: number; readonly milliseconds: number; readonly octets: number }[];
  /** Nothing of this may be. Each begins with the script's number where there is one. */
  readonly findings: readonly string[];
}

/** Longest that one script may keep the process busy, in milliseconds of processor time, and what each megabyte adds. */
const BUSY = 50;
const BUSY_PER_MEGABYTE = 100;
const ENOUGH_FINDINGS = 30;

/** Plays scripts against an OpenTrail of its own and reckons up what became of every request. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const nonce = Math.floor(process.hrtime()[1]).toString(36);
  const subject = await startSubject(options.backend, options.seed, (number) => idOf(nonce, number));
  try {
    return await new Fuzz(options, subject).run();
  } catch (error) {
    throw new Error(`${String(error)}\nThe process's last words: ${subject.trail.log().slice(-4000)}`, { cause: error });
  } finally {
    await subject.close();
  }
}

/** An id of which no other can be made by changing an octet or two, as mutated answers do. */
function idOf(nonce: string, number: number): string {
  return `${nonce}-${number}-${new Random(number, 77).next().toString(36)}`;
}

class Fuzz {
  readonly #options: FuzzOptions;
  readonly #workshop: Workshop;
  readonly #trail: OpenTrailProcess;
  readonly #upstream: StrictUpstream;
  readonly #findings: string[] = [];
  /** How many of them have been told. */
  #told = 0;
  /** Events that were found in earlier rounds. */
  #known = new Set<string>();
  #sent = 0;
  #scripts = 0;
  #answered = 0;
  #refusals = 0;
  /** Of the round. */
  #ids: string[] = [];
  #due = 0;
  #possible = 0;
  #own = 0;

  constructor(options: FuzzOptions, { trail, upstream, workshop }: Subject) {
    this.#options = options;
    this.#workshop = workshop;
    this.#trail = trail;
    this.#upstream = upstream;
  }

  async run(): Promise<FuzzReport> {
    const { requests, round = 20_000, connections, from = 0, solo = Math.floor(requests / 10), say } = this.#options;
    const { pid } = this.#trail;
    // Code that is not compiled yet and tables that are not read yet are no leak.
    await this.#round(from + 1_000_000_000, Math.min(2000, requests), connections);
    const before = { megabytes: residentMegabytes(pid), files: openFiles(pid) };
    let seconds = 0;
    let next = from;
    for (let left = requests; left > 0 && this.#findings.length < ENOUGH_FINDINGS; left -= round) {
      const started = performance.now();
      next = await this.#round(next, Math.min(left, round), connections);
      seconds += (performance.now() - started) / 1000;
      for (; this.#told < this.#findings.length; this.#told += 1) say?.(`FOUND ${this.#findings[this.#told]}`);
      say?.(`${this.#sent} requests, ${residentMegabytes(pid).toFixed(0)} MB, ${this.#findings.length} findings`);
    }
    const perSecond = Math.round(this.#sent / seconds);
    const costly = await this.#measure(from + 2_000_000_000, solo);
    // A call whose client has left may have arrived before, and reach the upstream only now.
    await this.#reckon(await this.#settled(), this.#upstream.seen, false);
    const files = await until(
      async () => (openFiles(pid) <= before.files + 140 ? openFiles(pid) : undefined),
      "files to be closed",
    ).catch(() => openFiles(pid));
    if (files > before.files + 140) this.#findings.push(`${files} files are open where ${before.files} were`);
    return {
      requests: this.#sent,
      scripts: this.#scripts,
      perSecond,
      answered: this.#answered,
      refusals: this.#refusals,
      forwarded: this.#upstream.seen,
      counts: await this.#counts(),
      megabytes: { before: before.megabytes, after: residentMegabytes(pid) },
      files: { before: before.files, after: files },
      costly,
      findings: [...this.#findings, ...this.#upstream.violations.map((violation) => `the upstream got ${violation}`)],
    };
  }

  /** Plays scripts until so many requests are sent, and reckons. Gives the number of the next script. */
  async #round(first: number, requests: number, connections: number): Promise<number> {
    const counts = await this.#counts();
    const { seen } = this.#upstream;
    const until = this.#sent + requests;
    let next = first;
    const worker = async (): Promise<void> => {
      while (this.#sent < until && this.#findings.length < ENOUGH_FINDINGS) await this.#play(scriptOf(this.#workshop, next++));
    };
    await Promise.all(Array.from({ length: connections }, worker));
    await this.#reckon(counts, seen, true);
    return next;
  }

  async #play(script: Script): Promise<Played> {
    this.#sent += script.pieces.length;
    this.#scripts += 1;
    const played = await play(this.#trail.url, script).catch((error: unknown) => {
      throw new Error(`script ${script.number}: ${String(error)}\n${this.#trail.log().slice(-2000)}`);
    });
    for (const finding of played.findings) this.#findings.push(`${script.number}: ${finding}`);
    const left = script.end === "leave" || script.end === "reset";
    this.#ids.push(...played.ids);
    this.#answered += played.ids.length;
    this.#refusals += played.refusals;
    this.#own += played.own;
    if (!left) this.#due += script.strict;
    for (let at = script.bytes.indexOf("HTTP/"); at !== -1; at = script.bytes.indexOf("HTTP/", at + 1)) this.#possible += 1;
    return played;
  }

  /** Every request of the round is one record or one counted refusal. */
  async #reckon(before: GatewayCounts, seenBefore: number, strictly: boolean): Promise<void> {
    const after = await this.#settled();
    const wrong = (what: string): void => void this.#findings.push(what);
    const grown = (name: keyof GatewayCounts): number => after[name] - before[name];
    if (!addsUp(after)) wrong(`the counts do not add up: ${JSON.stringify(after)}`);
    const forwarded = this.#upstream.seen - seenBefore;
    if (forwarded > grown("arrived")) wrong(`the upstream saw ${forwarded} requests, of which ${grown("arrived")} had arrived`);
    if (strictly) {
      if (grown("arrived") + this.#own < this.#due) wrong(`${grown("arrived")} calls arrived where ${this.#due} were due`);
      if (grown("arrived") > this.#possible)
        wrong(`${grown("arrived")} calls arrived of ${this.#possible} that can have been sent`);
      const events = await this.#events(grown("recorded"));
      if (events.size !== grown("recorded"))
        wrong(
          `${events.size} calls have events where ${grown("recorded")} were recorded; among them ${this.#strangers(events)} that nobody was answered`,
        );
      const without = this.#ids.filter((id) => !events.has(id));
      if (without.length > grown("unrecorded") + grown("refused"))
        wrong(
          `${without.length} answers have no event, ${grown("unrecorded")} calls were not to have one; the first is ${without[0]}`,
        );
    }
    this.#ids = [];
    this.#due = 0;
    this.#possible = 0;
    this.#own = 0;
  }

  async #settled(): Promise<GatewayCounts> {
    return await until(
      async () => {
        const counts = await this.#counts();
        return counts.open === 0 && counts.lag === 0 ? counts : undefined;
      },
      "every call to be finished and read",
      60_000,
    );
  }

  async #counts(): Promise<GatewayCounts> {
    const token = join(this.#trail.dataDir, "operator.token");
    return await gatewayCounts(this.#trail.url, existsSync(token) ? readFileSync(token, "utf8").trim() : undefined);
  }

  /** Some of the events whose ids no client got and no upstream gave. */
  #strangers(events: ReadonlyMap<string, unknown>): string {
    const answered = new Set(this.#ids);
    const strangers = [...events].filter(([id]) => !answered.has(id) && id.split("-").length !== 3);
    return `${strangers.length}, such as ${JSON.stringify(strangers.slice(0, 3).map(([, event]) => event)).slice(0, 6000)}`;
  }

  /** Ids of the requests that left events since the last round, newest first; stops where the last round's begin. */
  async #events(expected: number): Promise<ReadonlyMap<string, unknown>> {
    const found = new Map<string, unknown>();
    const parameters = new URLSearchParams({ limit: "50" });
    for (;;) {
      const page = await this.#trail.get<{ events: { eventID: string; requestID?: string }[]; nextToken?: string }>(
        `events?${parameters}`,
      );
      let old = 0;
      for (const event of page.events) {
        const { eventID, requestID = eventID } = event;
        if (this.#known.has(requestID)) old += 1;
        else found.set(requestID, event);
      }
      // Events are in the order of their times, not of their ends: some of this round may stand behind some of the last.
      if (page.nextToken === undefined || (old > 0 && old === page.events.length && found.size >= expected)) break;
      if (found.size >= expected && old > 0) break;
      parameters.set("nextToken", page.nextToken);
    }
    this.#known = new Set([...[...this.#known].slice(-100_000), ...found.keys()]);
    return found;
  }

  /** Scripts one at a time: what each costs the process's first thread. */
  async #measure(first: number, requests: number): Promise<FuzzReport["costly"]> {
    const costs: { script: number; milliseconds: number; octets: number }[] = [];
    const { pid } = this.#trail;
    const until = this.#sent + requests;
    const cost = async (script: Script): Promise<number> => {
      const before = mainThreadMilliseconds(pid);
      await this.#play(script);
      return mainThreadMilliseconds(pid) - before;
    };
    for (let number = first; this.#sent < until && this.#findings.length < ENOUGH_FINDINGS; number += 1) {
      const script = scriptOf(this.#workshop, number);
      const allowed = (times: number): number => times * (BUSY + (script.bytes.length / 1e6) * BUSY_PER_MEGABYTE);
      let milliseconds = await cost(script);
      // A collection of garbage may fall to anybody: what is the script's own is there each time.
      for (let again = 0; again < 4 && milliseconds > allowed(0.5); again += 1)
        milliseconds = Math.min(milliseconds, await cost(script));
      if (milliseconds > allowed(1)) this.#findings.push(`${number}: kept the process busy for ${milliseconds.toFixed(0)} ms`);
      costs.push({ script: number, milliseconds, octets: script.bytes.length });
    }
    return costs.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 5);
  }
}
