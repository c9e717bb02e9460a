import { eventSize } from "../event-size.ts";
import { invalidParameter } from "../invalid-parameter.ts";
import { groupOf, type LogsOperation, streamOf } from "../logs-call.ts";
import { DAY } from "../logs-store.ts";
import { type Members, missing, unreadable } from "../members.ts";
import { sequenceToken } from "../sequence-token.ts";
import type { NewEvent } from "../stored.ts";

/** "PutLogEvents", CloudWatch Logs API Reference. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const OLDEST = 14 * DAY;
const NEWEST = 2 * 3_600_000;

/** Events that are too old, too new or beyond retention are left out and told of; the rest is stored in one transaction. */
export const putLogEvents: LogsOperation = (call) => {
  const { store, members, clock } = call;
  const events = readEvents(members);
  const group = groupOf(call);
  const stream = streamOf(call, group);
  const bytes = events.map(({ message }) => eventSize(message));
  const total = bytes.reduce((sum, size) => sum + size, 0);
  if (total > MOST_BYTES) throw invalidParameter(`Upload too large: ${total} bytes exceeds limit of ${MOST_BYTES}`);

  const now = clock.now();
  const expired = events.findLastIndex(({ timestamp }) => timestamp < store.keptSince(group)) + 1;
  const tooOld = events.findLastIndex(({ timestamp }) => timestamp < now - OLDEST) + 1;
  const firstTooNew = events.findIndex(({ timestamp }) => timestamp > now + NEWEST);
  const from = Math.max(expired, tooOld);
  const to = firstTooNew < 0 ? events.length : firstTooNew;
  const kept = events.slice(from, to);
  const [first, last] = [kept[0], kept.at(-1)];
  if (first !== undefined && last !== undefined && last.timestamp - first.timestamp > DAY) {
    throw invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
  store.write(
    group,
    stream,
    kept,
    bytes.slice(from, to).reduce((sum, size) => sum + size, 0),
  );

  const rejected = {
    ...(firstTooNew < 0 ? {} : { tooNewLogEventStartIndex: firstTooNew }),
    ...(tooOld === 0 ? {} : { tooOldLogEventEndIndex: tooOld }),
    ...(expired === 0 ? {} : { expiredLogEventEndIndex: expired }),
  };
  return {
    nextSequenceToken: sequenceToken(stream, now),
    ...(Object.keys(rejected).length === 0 ? {} : { rejectedLogEventsInfo: rejected }),
  };
};

function readEvents(members: Members): readonly NewEvent[] {
  let before = 0;
  return (members.list("logEvents", 1, MOST_EVENTS) ?? missing("logEvents")).map((event, index) => {
    const place = `logEvents.${index + 1}.member`;
    if (typeof event !== "object" || event === null) throw unreadable("logEvents holds what is not an object.");
    const { timestamp, message } = event as { readonly timestamp?: unknown; readonly message?: unknown };
    if (timestamp === undefined || timestamp === null) missing(`${place}.timestamp`);
    if (message === undefined || message === null) missing(`${place}.message`);
    if (typeof message !== "string") throw unreadable("message is not a string.");
    if (typeof timestamp !== "number" || !Number.isSafeInteger(timestamp)) throw unreadable("timestamp is not a whole number.");
    if (timestamp < 0 || message === "") {
      const [name, bound] =
        timestamp < 0 ? ["timestamp", "value greater than or equal to 0"] : ["message", "length greater than or equal to 1"];
      throw invalidParameter(
        `1 validation error detected: Value '${timestamp < 0 ? timestamp : ""}' at '${place}.${name}' failed to satisfy constraint: Member must have ${bound}`,
      );
    }
    if (timestamp < before) {
      throw invalidParameter("Log events in a single PutLogEvents request must be in chronological order.");
    }
    before = timestamp;
    return { timestamp, message };
  });
}
