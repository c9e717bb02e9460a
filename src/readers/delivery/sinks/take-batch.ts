import type { LaneEvent } from "./lane-event.ts";
import type { BatchLimits } from "./sink-destination.ts";

/** The longest beginning of `events` that one request takes, of at most `most` events; the first goes alone where it must. */
export function takeBatch(events: readonly LaneEvent[], limits: BatchLimits, most = Infinity): readonly LaneEvent[] {
  let octets = 0;
  let count = 0;
  for (const event of events) {
    octets += limits.sizeOf(event);
    if (count > 0 && (octets > limits.octets || count >= limits.events || count >= most)) break;
    count++;
  }
  return events.slice(0, count);
}
