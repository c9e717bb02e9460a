import { Counter, Gauge, type Registry } from "prom-client";
import type { RefusalReason } from "../recorder.ts";

/** How a call ended for its client. */
export type Outcome =
  | "ok"
  | "client-error"
  | "server-error"
  | "unreachable"
  | "timeout"
  | "cut-off"
  | "client-gone"
  | "refused"
  | "withheld"
  | "failed";

/** Why a call left no event although nobody refused it. */
const UNRECORDED = ["not-selected", "unauthenticated", "never-left", "record-failed"] as const;

const REFUSALS: readonly RefusalReason[] = ["journal", "overload", "internal"];

/** What became of a call's record. */
export type Fate = "recorded" | "refused" | (typeof UNRECORDED)[number];

/** Calls since the start. `arrived` is the sum of all fates and of those whose fate is not known yet. */
export interface CallCounts {
  readonly arrived: number;
  readonly fates: Readonly<Record<Fate, number>>;
  /** The refused ones by reason. */
  readonly refusals: Readonly<Record<RefusalReason, number>>;
}

/** What the gateway counts. Every call arrives once, meets one fate and is finished once, in this order. */
export interface GatewayMetrics {
  arrived(): void;
  /** @param refusal why, where the call is refused. */
  settled(fate: Fate, refusal?: RefusalReason): void;
  /** @param service catalogue id, or "unknown": the label's values are bounded. */
  finished(service: string, outcome: Outcome): void;
  /** Connections, not calls. */
  malformed(): void;
}

/** Registers the gateway's counters; throws if the registry has them already. */
export function createGatewayMetrics(registry: Registry): GatewayMetrics & { counts(): CallCounts } {
  let arrived = 0;
  const counts = { recorded: 0, refused: 0, "not-selected": 0, unauthenticated: 0, "never-left": 0, "record-failed": 0 };
  const refusals = { journal: 0, overload: 0, internal: 0 };
  // Read off the counts when somebody asks, so that they and the status can never disagree.
  const total = (name: string, help: string, read: () => number): void => {
    registry.registerMetric(
      new Counter({
        name: `opentrail_gateway_${name}_total`,
        help,
        registers: [],
        collect() {
          this.reset();
          this.inc(read());
        },
      }),
    );
  };
  const byReason = <Reason extends string>(
    name: string,
    help: string,
    reasons: readonly Reason[],
    read: Readonly<Record<Reason, number>>,
  ): void => {
    registry.registerMetric(
      new Counter({
        name: `opentrail_gateway_${name}_total`,
        help,
        labelNames: ["reason"],
        registers: [],
        collect() {
          this.reset();
          for (const reason of reasons) this.inc({ reason }, read[reason]);
        },
      }),
    );
  };
  total("arrived", "Calls that came in", () => arrived);
  total("recorded", "Calls whose events are durable", () => counts.recorded);
  byReason("refused", "Calls refused before they were passed on because they could not be recorded", REFUSALS, refusals);
  byReason("unrecorded", "Calls that left no event although nobody refused them", UNRECORDED, counts);
  let open = 0;
  registry.registerMetric(
    new Gauge({
      name: "opentrail_gateway_open_calls",
      help: "Calls whose answer is not out yet",
      registers: [],
      collect() {
        this.set(open);
      },
    }),
  );
  const finished = new Map<string, Map<Outcome, number>>();
  registry.registerMetric(
    new Counter({
      name: "opentrail_gateway_calls_total",
      help: "Finished calls",
      labelNames: ["service", "outcome"],
      registers: [],
      collect() {
        this.reset();
        for (const [service, outcomes] of finished) {
          for (const [outcome, count] of outcomes) this.inc({ service, outcome }, count);
        }
      },
    }),
  );
  const malformed = new Counter({
    name: "opentrail_gateway_malformed_total",
    help: "Connections closed because what came was not HTTP",
    registers: [registry],
  });
  return {
    arrived: () => {
      arrived += 1;
      open += 1;
    },
    settled: (fate, refusal = "internal") => {
      counts[fate] += 1;
      if (fate === "refused") refusals[refusal] += 1;
    },
    finished: (service, outcome) => {
      open -= 1;
      let outcomes = finished.get(service);
      if (outcomes === undefined) finished.set(service, (outcomes = new Map()));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    },
    malformed: () => malformed.inc(),
    counts: () => ({ arrived, fates: { ...counts }, refusals: { ...refusals } }),
  };
}
