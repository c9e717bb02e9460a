import { Counter, type Registry } from "prom-client";

/** Registers the counter of refused callers, and gives what counts. `code` is one of the few dozen that refusals have. */
export function createAuthenticationMetrics(registry: Registry): (code: string) => void {
  const refusals = new Counter({
    name: "opentrail_gateway_authentication_refusals_total",
    help: "Calls refused because they are not proved to come from whom they say",
    labelNames: ["code"],
    registers: [registry],
  });
  return (code) => refusals.inc({ code });
}
