import { eventId } from "../event-id.ts";
import { eventSize } from "../event-size.ts";
import { invalidParameter } from "../invalid-parameter.ts";
import { groupOf, type LogsCall, type LogsOperation, noStream } from "../logs-call.ts";
import { STREAM_NAME } from "../members.ts";
import { readToken, writeToken } from "../page-token.ts";
import type { FilterPattern } from "../pattern/filter-pattern.ts";
import { parseFilterPattern } from "../pattern/parse-filter-pattern.ts";
import type { EventPosition, StoredEvent, StoredGroup } from "../stored.ts";

/** "FilterLogEvents", CloudWatch Logs API Reference. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const EARLIEST_FROM_TAIL = Date.UTC(2024, 0, 1);

/** What one page looks at, whatever it finds: then it ends, and its token goes on. */
const MOST_ENTRIES = 200_000;
const MOST_EXAMINED_BYTES = 32 * 1_048_576;
const MOST_MILLISECONDS = 100;

/** Events of all streams by time. A page may be empty and yet have a token: what it may cost is bounded, as at AWS. */
export const filterLogEvents: LogsOperation = (call) => {
  const { members } = call;
  const pattern = parseFilterPattern(members.text("filterPattern", { max: 1024 }) ?? "");
  const limit = members.integer("limit", 1, MOST_EVENTS) ?? MOST_EVENTS;
  const start = members.integer("startTime", 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const end = members.integer("endTime", 0, Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER;
  if (end < start) throw invalidParameter("The start time must not be after the end time.");
  const token = readToken(members.text("nextToken", { min: 1 }), ["string", "number", "number"]);
  if (token !== undefined && token[0] !== "f" && token[0] !== "b") throw invalidParameter("The specified nextToken is invalid.");
  const backward = token === undefined ? members.flag("startFromHead") === false : token[0] === "b";
  if (backward && members.has("startTime") && start < EARLIEST_FROM_TAIL) {
    throw invalidParameter("startFromHead can only be false when startTime is on or after Jan 1, 2024 00:00:00 UTC.");
  }
  const group = groupOf(call);
  const streams = streamsOf(call, group);
  const from = token === undefined ? undefined : { timestamp: Number(token[1]), id: Number(token[2]) };
  const page = scan(call, { group, streams, pattern, limit, start, end, backward, from });
  return {
    events: page.events,
    searchedLogStreams: [],
    ...(page.next === undefined ? {} : { nextToken: writeToken([backward ? "b" : "f", page.next.timestamp, page.next.id]) }),
  };
};

/** Ids of the streams to be searched; undefined for all. Throws `ResourceNotFoundException`. */
function streamsOf({ store, members }: LogsCall, group: StoredGroup): ReadonlySet<number> | undefined {
  const names = members.texts("logStreamNames", 1, 100, STREAM_NAME);
  const prefix = members.text("logStreamNamePrefix", STREAM_NAME);
  if (names !== undefined && prefix !== undefined) {
    throw invalidParameter("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.");
  }
  if (prefix !== undefined) return new Set(store.streams.withPrefix(group.id, prefix));
  return names && new Set(names.map((name) => store.streams.get(group.id, name)?.id ?? fail(noStream())));
}

interface Search {
  readonly group: StoredGroup;
  readonly streams: ReadonlySet<number> | undefined;
  readonly pattern: FilterPattern;
  readonly limit: number;
  readonly start: number;
  readonly end: number;
  readonly backward: boolean;
  readonly from: EventPosition | undefined;
}

/** `next` is the last event that was looked at, where there are more. */
function scan(call: LogsCall, search: Search): { readonly events: readonly object[]; readonly next: EventPosition | undefined } {
  const { store } = call;
  const { pattern, limit } = search;
  const events: object[] = [];
  const names = new Map<number, string | undefined>();
  const began = performance.now();
  let [seen, examined, bytes] = [0, 0, 0];
  let last: EventPosition | undefined;
  for (const [position, event] of candidates(call, search)) {
    const isFull = events.length >= limit || seen >= MOST_ENTRIES || examined >= MOST_EXAMINED_BYTES;
    if (isFull || (seen % 16 === 15 && performance.now() - began > MOST_MILLISECONDS)) return { events, next: last };
    seen += 1;
    if (event !== undefined) {
      const size = eventSize(event.message);
      examined += size;
      if (!names.has(event.stream)) names.set(event.stream, store.streams.nameOf(event.stream));
      const name = names.get(event.stream);
      if (name !== undefined && pattern.matches(event.message)) {
        if (events.length > 0 && bytes + size > MOST_BYTES) return { events, next: last };
        bytes += size;
        events.push(shown(name, event));
      }
    }
    last = position;
  }
  return { events, next: undefined };
}

/** Every event of the range, those of streams that are not asked for without themselves: they are not read. */
function* candidates({ store }: LogsCall, search: Search): Generator<readonly [EventPosition, StoredEvent | undefined]> {
  const { group, streams, start, end, backward, from } = search;
  const range = { from, least: Math.max(start, store.keptSince(group)), most: end, backward };
  const whole = { kind: "log_group", id: group.id } as const;
  const [first] = streams ?? [];
  if (streams === undefined || (streams.size === 1 && first !== undefined)) {
    const owner = first === undefined ? whole : ({ kind: "stream", id: first } as const);
    for (const event of store.reader.events(owner, range)) yield [event, event];
    return;
  }
  for (const entry of store.reader.entries(whole, range)) {
    yield [entry, streams.has(entry.stream) ? store.reader.get(entry.id) : undefined];
  }
}

function shown(logStreamName: string, event: StoredEvent): object {
  const { timestamp, message, ingested } = event;
  return { logStreamName, timestamp, message, ingestionTime: ingested, eventId: eventId(event) };
}

function fail(error: Error): never {
  throw error;
}
