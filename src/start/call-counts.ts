import type { Registry } from "prom-client";
import type { Status } from "../serve/status.ts";

/** What became of the calls so far, read off the gateway's own counters so that the two can never disagree. */
export async function callCounts(registry: Registry): Promise<Status["calls"]> {
  const [recorded, refused, inFlight] = await Promise.all([
    valueOf(registry, "opentrail_gateway_recorded_total"),
    valueOf(registry, "opentrail_gateway_refused_total"),
    valueOf(registry, "opentrail_gateway_open_calls"),
  ]);
  const [notSelected, notAuthenticated, notRecorded] = await Promise.all(
    ["not-selected", "unauthenticated", "record-failed"].map(
      async (reason) => await valueOf(registry, "opentrail_gateway_unrecorded_total", reason),
    ),
  );
  const counts = {
    recorded,
    notSelected: notSelected ?? 0,
    notAuthenticated: notAuthenticated ?? 0,
    refused,
    notRecorded: notRecorded ?? 0,
    inFlight,
  };
  return { arrived: Object.values(counts).reduce((sum, count) => sum + count, 0), ...counts };
}

async function valueOf(registry: Registry, name: string, reason?: string): Promise<number> {
  const metric = registry.getSingleMetric(name);
  if (metric === undefined) throw new Error(`there is no metric ${name}`);
  const { values } = await metric.get();
  return values
    .filter((value) => reason === undefined || value.labels["reason"] === reason)
    .reduce((sum, { value }) => sum + value, 0);
}
