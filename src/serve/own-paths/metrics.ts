import type { Registry } from "prom-client";
import { answerText, type OwnPath } from "./own-path.ts";

/**
 * Counters and gauges in Prometheus's text format.
 *
 * @param gather brings the registry up to date first.
 */
export function metrics(registry: Registry, gather: () => Promise<void> = async () => {}): OwnPath {
  return {
    path: "metrics",
    description: "counters and gauges for Prometheus",
    audience: "operator",
    answer: async (_request, response) => {
      await gather();
      answerText(response, 200, registry.contentType, await registry.metrics());
    },
  };
}
