import type { GatewayMetrics } from "../gateway/gateway-metrics.ts";

/** What a capture process has counted and not told yet. */
export type Tally = readonly (readonly [what: string, count: number])[];

/** Counts for another process, which is told by and by: a call is one of a few dozen texts, so little is ever to be told. */
export class CallTally implements GatewayMetrics {
  #counts = new Map<string, number>();
  readonly #onFirst: () => void;

  /** @param onFirst called when there is something to tell again. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
  }

  arrived(): void {
    this.#add("arrived");
  }

  settled(...[fate, refusal = "internal"]: Parameters<GatewayMetrics["settled"]>): void {
    this.#add(`settled ${fate} ${refusal}`);
  }

  finished(...[service, outcome]: Parameters<GatewayMetrics["finished"]>): void {
    this.#add(`finished ${service} ${outcome}`);
  }

  malformed(): void {
    this.#add("malformed");
  }

  /** A caller was refused. @param code one of the few dozen that refusals have. */
  unauthenticated(code: string): void {
    this.#add(`unauthenticated ${code}`);
  }

  connectionTaken(): void {
    this.#add("taken");
  }

  connectionClosed(): void {
    this.#add("closed");
  }

  /** Undefined where there is nothing to tell. What it gives counts as told. */
  take(): Tally | undefined {
    if (this.#counts.size === 0) return undefined;
    const tally = [...this.#counts];
    this.#counts = new Map();
    return tally;
  }

  #add(what: string): void {
    if (this.#counts.size === 0) this.#onFirst();
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
}
