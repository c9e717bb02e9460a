import { Counter, Gauge, type Registry } from "prom-client";

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

/** Why a call that was passed on left no event. */
const UNRECORDED = ["not-selected", "unauthenticated", "record-failed"] as const;

/** What became of a call's record. */
export type Fate = "recorded" | "refused" | (typeof UNRECORDED)[number];

/** Calls since the start. `arrived` is the sum of all fates and of those whose fate is not known yet. */
export interface CallCounts extends Readonly<Record<Fate, number>> {
  readonly arrived: number;
}

/** What the gateway counts. Every call arrives once, meets one fate and is finished once, in this order. */
export interface GatewayMetrics {
  arrived(): void;
  settled(fate: Fate): void;
  /** @param service catalogue id, or "unknown": the label's values are bounded. */
  finished(service: string, outcome: Outcome): void;
  /** Connections, not calls. */
  malformed(): void;
}

/** Registers the gateway's counters; throws if the registry has them already. */
export function createGatewayMetrics(registry: Registry): GatewayMetrics & { counts(): CallCounts } {
  const counts = { arrived: 0, recorded: 0, refused: 0, "not-selected": 0, unauthenticated: 0, "record-failed": 0 };
  // Read off the counts when somebody asks, so that they and the status can never disagree.
  const total = (name: "arrived" | "recorded" | "refused", help: string): void => {
    registry.registerMetric(
      new Counter({
        name: `opentrail_gateway_${name}_total`,
        help,
        registers: [],
        collect() {
          this.reset();
          this.inc(counts[name]);
        },
      }),
    );
  };
  total("arrived", "Calls that came in");
  total("recorded", "Calls whose events are durable");
  total("refused", "Calls refused before they were passed on because nothing can be recorded");
  registry.registerMetric(
    new Counter({
      name: "opentrail_gateway_unrecorded_total",
      help: "Calls passed on that left no event",
      labelNames: ["reason"],
      registers: [],
      collect() {
        this.reset();
        for (const reason of UNRECORDED) this.inc({ reason }, counts[reason]);
      },
    }),
  );
  const open = new Gauge({
    name: "opentrail_gateway_open_calls",
    help: "Calls whose answer is not out yet",
    registers: [registry],
  });
  const calls = new Counter({
    name: "opentrail_gateway_calls_total",
    help: "Finished calls",
    labelNames: ["service", "outcome"],
    registers: [registry],
  });
  const malformed = new Counter({
    name: "opentrail_gateway_malformed_total",
    help: "Connections closed because what came was not HTTP",
    registers: [registry],
  });
  return {
    arrived: () => {
      counts.arrived += 1;
      open.inc();
    },
    settled: (fate) => {
      counts[fate] += 1;
    },
    finished: (service, outcome) => {
      open.dec();
      calls.inc({ service, outcome });
    },
    malformed: () => malformed.inc(),
    counts: () => ({ ...counts }),
  };
}
