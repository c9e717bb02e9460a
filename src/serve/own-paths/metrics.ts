import type { Registry } from "prom-client";
import { answerText, type OwnPath } from "./own-path.ts";

/** Counters and gauges in Prometheus's text format. */
export function metrics(registry: Registry): OwnPath {
  return {
    path: "metrics",
    description: "counters and gauges for Prometheus",
    audience: "operator",
    answer: async (_request, response) => {
      answerText(response, 200, registry.contentType, await registry.metrics());
    },
  };
}
