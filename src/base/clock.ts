/** Where "now" comes from; tests set their own. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

let newestSecond = Number.NaN;
let newestText = "";

/** ISO 8601 in whole seconds UTC, as AWS writes times: `2026-03-02T09:05:01Z`. */
export function isoSeconds(epochMilliseconds: number): string {
  const second = Math.floor(epochMilliseconds / 1000);
  // Most are asked for within the second that was asked for last.
  if (second !== newestSecond) {
    newestText = `${new Date(epochMilliseconds).toISOString().slice(0, 19)}Z`;
    newestSecond = second;
  }
  return newestText;
}
