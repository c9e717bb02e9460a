import { eventId, eventPosition } from "../event-id.ts";
import { eventSize } from "../event-size.ts";
import { invalidParameter } from "../invalid-parameter.ts";
import { groupOf, type LogsOperation, streamOf } from "../logs-call.ts";
import type { StoredEvent } from "../stored.ts";

/** "GetLogEvents", CloudWatch Logs API Reference. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const TOKEN = /^([fb])\/(\d{56})\/s$/;

/**
 * Pages in both directions: each answer has a token for the events after it and one for those before it. At the end of its
 * direction a token answers nothing and itself, so a client can ask again until there is more.
 */
export const getLogEvents: LogsOperation = (call) => {
  const { store, members } = call;
  const token = members.text("nextToken", { min: 1 });
  const [, direction, digits] = token === undefined ? [] : (TOKEN.exec(token) ?? []);
  if (token !== undefined && digits === undefined) throw invalidParameter("The specified nextToken is invalid.");
  const start = members.integer("startTime", 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const end = members.integer("endTime", 0, Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER;
  const limit = members.integer("limit", 1, MOST_EVENTS) ?? MOST_EVENTS;
  const fromHead = members.flag("startFromHead") ?? false;
  const group = groupOf(call);
  const stream = streamOf(call, group);

  const backward = direction === undefined ? !fromHead : direction === "b";
  const from = digits === undefined ? undefined : eventPosition(digits);
  const found: StoredEvent[] = [];
  let bytes = 0;
  const range = { from, least: Math.max(start, store.keptSince(group)), most: end - 1, backward };
  for (const event of store.reader.events({ kind: "stream", id: stream.id }, range)) {
    bytes += eventSize(event.message);
    if (bytes > MOST_BYTES && found.length > 0) break;
    found.push(event);
    if (found.length >= limit) break;
  }
  if (backward) found.reverse();
  const [before, after] = around(found, digits);
  return {
    events: found.map(({ timestamp, message, ingested }) => ({ timestamp, message, ingestionTime: ingested })),
    nextForwardToken: direction === "f" && found.length === 0 ? token : `f/${after}/s`,
    nextBackwardToken: direction === "b" && found.length === 0 ? token : `b/${before}/s`,
  };
};

/** Where reading goes on before the page and after it. A page without events lies between its token's two sides. */
function around(found: readonly StoredEvent[], digits: string | undefined): readonly [before: string, after: string] {
  const [first, last] = [found[0], found.at(-1)];
  if (first !== undefined && last !== undefined) return [eventId(first), eventId(last)];
  const here = BigInt(digits ?? 0);
  const text = (number: bigint): string => (number < 0n ? 0n : number).toString().padStart(56, "0");
  return [text(here + 1n), text(here - 1n)];
}
