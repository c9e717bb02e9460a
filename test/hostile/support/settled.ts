import { until } from "../../support/opentrail-process.ts";
import { addsUp, type GatewayCounts, gatewayCounts } from "./gateway-counts.ts";

/** Waits until every call is finished and read, and answers the counts. Rejects where they do not add up. */
export async function settled(url: string, milliseconds = 30_000): Promise<GatewayCounts> {
  let last: GatewayCounts | undefined;
  const counts = await until(
    async () => {
      last = await gatewayCounts(url);
      return last.open === 0 && last.lag === 0 ? last : undefined;
    },
    "every call to be finished and read",
    milliseconds,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(last)}`);
  });
  if (!addsUp(counts)) throw new Error(`the counts do not add up: ${JSON.stringify(counts)}`);
  return counts;
}
