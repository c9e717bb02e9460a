import { Counter, Gauge, type Registry } from "prom-client";
import type { TrailReport } from "../readers/delivery/delivery.ts";

/** How the events of each trail divide, read off when somebody asks. `recorded` is the sum of the others. */
export function registerTrailMetrics(registry: Registry, report: () => readonly TrailReport[]): void {
  const events = (name: "recorded" | "delivered" | "filtered" | "expired", help: string): void => {
    registry.registerMetric(
      new Counter({
        name: `opentrail_trail_${name}_events_total`,
        help,
        labelNames: ["trail"],
        registers: [],
        collect() {
          this.reset();
          for (const { arn, ...counts } of report()) this.inc({ trail: arn }, counts[name]);
        },
      }),
    );
  };
  events("recorded", "Events of a trail's accounts that were recorded while it logged");
  events("delivered", "Of these, those that are in a log file that the bucket has taken");
  events("filtered", "Of these, those that the trail's Regions and selectors leave out");
  events("expired", "Of these, those that were given up after thirty days of refusals, or that the journal has lost");
  const gauge = (name: string, help: string, read: (trail: TrailReport) => number): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames: ["trail"],
        registers: [],
        collect() {
          this.reset();
          for (const trail of report()) this.set({ trail: trail.arn }, read(trail));
        },
      }),
    );
  };
  gauge(
    "opentrail_trail_pending_events",
    "Of a trail's events, those that are on their way to its bucket",
    ({ pending }) => pending,
  );
  gauge("opentrail_trail_logging", "1 while a trail logs", ({ logging }) => Number(logging));
  gauge("opentrail_trail_bucket_refuses", "1 while a trail's bucket answers with an error", ({ status }) =>
    Number(status.latestDelivery?.error !== undefined),
  );
}
