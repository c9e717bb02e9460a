/** What the gateway says of itself. */
export interface GatewayCounts {
  readonly arrived: number;
  readonly recorded: number;
  readonly refused: number;
  readonly unrecorded: number;
  readonly malformed: number;
  readonly open: number;
  /** Octets of the heap after the last collection that metrics know of. */
  readonly heap: number;
  readonly handles: number;
  /** Journal entries that the slowest reader has not read. */
  readonly lag: number;
}

/** Reads `/_opentrail/metrics`. @param token the operator's, where callers are verified. */
export async function gatewayCounts(url: string, token?: string): Promise<GatewayCounts> {
  const response = await fetch(
    `${url}/_opentrail/metrics`,
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  );
  const text = await response.text();
  const all = (name: string): readonly number[] =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].map((match) => Number(match[1]));
  const sum = (name: string): number => all(name).reduce((total, value) => total + value, 0);
  return {
    arrived: sum("opentrail_gateway_arrived_total"),
    recorded: sum("opentrail_gateway_recorded_total"),
    refused: sum("opentrail_gateway_refused_total"),
    unrecorded: sum("opentrail_gateway_unrecorded_total"),
    malformed: sum("opentrail_gateway_malformed_total"),
    open: sum("opentrail_gateway_open_calls"),
    heap: sum("nodejs_heap_size_used_bytes"),
    handles: sum("nodejs_active_handles_total"),
    lag: Math.max(...all("opentrail_reader_lag_entries")),
  };
}

/** Every call that arrived has met one fate. */
export function addsUp({ arrived, recorded, refused, unrecorded }: GatewayCounts): boolean {
  return arrived === recorded + refused + unrecorded;
}
