import { Gauge, type Registry } from "prom-client";
import type { LaneStore } from "../readers/delivery/sinks/lane-store.ts";

/** What became of events on their way to CloudWatch Logs, EventBridge, webhooks and files, since each was set up. */
export function registerSinkMetrics(registry: Registry, store: Pick<LaneStore, "report">): void {
  registry.registerMetric(
    new Gauge({
      name: "opentrail_sink_events",
      help: "Events by sink and what became of them: delivered, tooLarge, refused (for good), expired (refused for thirty days)",
      labelNames: ["sink", "outcome"],
      registers: [],
      collect() {
        // Those of trails come and go.
        this.reset();
        for (const { name, counts } of store.report()) {
          for (const [outcome, events] of Object.entries(counts)) this.set({ sink: name, outcome }, events);
        }
      },
    }),
  );
}
