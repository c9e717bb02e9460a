import { Counter, Gauge, type Registry } from "prom-client";

/** How a call ended. */
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

/** Why a call left no record. */
type UnrecordedReason = "not-selected" | "unauthenticated" | "record-failed";

/** What the gateway counts. Every call is counted once as finished, and once as recorded, refused or unrecorded. */
export interface GatewayMetrics {
  started(): void;
  /** @param service catalogue id, or "unknown": the label's values are bounded. */
  finished(service: string, outcome: Outcome): void;
  recorded(): void;
  refused(): void;
  unrecorded(reason: UnrecordedReason): void;
  malformed(): void;
}

/** Registers the gateway's counters; throws if the registry has them already. */
export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry];
  const open = new Gauge({ name: "opentrail_gateway_open_calls", help: "Calls that are being answered", registers });
  const calls = new Counter({
    name: "opentrail_gateway_calls_total",
    help: "Finished calls",
    labelNames: ["service", "outcome"],
    registers,
  });
  const recorded = new Counter({ name: "opentrail_gateway_recorded_total", help: "Calls whose events are durable", registers });
  const refused = new Counter({
    name: "opentrail_gateway_refused_total",
    help: "Calls refused before they were passed on because nothing can be recorded",
    registers,
  });
  const unrecorded = new Counter({
    name: "opentrail_gateway_unrecorded_total",
    help: "Calls passed on that left no event",
    labelNames: ["reason"],
    registers,
  });
  const malformed = new Counter({
    name: "opentrail_gateway_malformed_total",
    help: "Connections closed because what came was not HTTP",
    registers,
  });
  return {
    started: () => open.inc(),
    finished: (service, outcome) => {
      open.dec();
      calls.inc({ service, outcome });
    },
    recorded: () => recorded.inc(),
    refused: () => refused.inc(),
    unrecorded: (reason) => unrecorded.inc({ reason }),
    malformed: () => malformed.inc(),
  };
}
