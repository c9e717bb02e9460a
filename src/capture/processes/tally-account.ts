import type { Fate, GatewayMetrics, Outcome } from "../gateway/gateway-metrics.ts";
import type { RefusalReason } from "../recorder.ts";
import type { Tally } from "./call-tally.ts";

/**
 * One capture process in the counts of all: what it told is added to them, and when it is gone, what it left open is brought
 * to an end, so that the counts go on adding up.
 */
export class TallyAccount {
  readonly #metrics: GatewayMetrics;
  readonly #unauthenticated: (code: string) => void;
  readonly #taken: () => void;
  #unsettled = 0;
  #unfinished = 0;
  #recorded = 0;
  #closed = 0;

  /** @param taken told of each connection that the process has taken, in their order. */
  constructor(metrics: GatewayMetrics, unauthenticated: (code: string) => void, taken: () => void) {
    this.#taken = taken;
    this.#metrics = metrics;
    this.#unauthenticated = unauthenticated;
  }

  /** Connections of it that are closed. */
  get closed(): number {
    return this.#closed;
  }

  add(tally: Tally): void {
    for (const [what, count] of tally) for (let n = 0; n < count; n++) this.#addOne(what.split(" "));
  }

  /**
   * The process is gone. @param recorded calls of it whose events are durable, or will be as its intents; whatever else is open is
   * lost to the record.
   */
  end(recorded: number): void {
    let untold = Math.max(0, recorded - this.#recorded);
    for (; this.#unsettled > 0; this.#unsettled--) this.#metrics.settled(untold-- > 0 ? "recorded" : "record-failed");
    for (; this.#unfinished > 0; this.#unfinished--) this.#metrics.finished("unknown", "failed");
  }

  #addOne([what, one = "", other = ""]: readonly string[]): void {
    switch (what) {
      case "arrived":
        this.#unsettled += 1;
        this.#unfinished += 1;
        return this.#metrics.arrived();
      case "settled":
        this.#unsettled -= 1;
        if (one === "recorded") this.#recorded += 1;
        return this.#metrics.settled(one as Fate, other as RefusalReason);
      case "finished":
        this.#unfinished -= 1;
        return this.#metrics.finished(one, other as Outcome);
      case "taken":
        return this.#taken();
      case "closed":
        this.#closed += 1;
        return;
      case "malformed":
        return this.#metrics.malformed();
      case "unauthenticated":
        return this.#unauthenticated(one);
      default:
        throw new Error(`BUG: nobody counts ${what}`);
    }
  }
}
