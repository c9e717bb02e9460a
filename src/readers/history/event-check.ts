import { readEventIndex } from "./event-index.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What is wrong with a stored event; undefined where its index can be read and its record is JSON of the same event id. */
export function whatIsWrong(head: Uint8Array, record: Uint8Array): string | undefined {
  const index = readEventIndex(head);
  if (index === undefined) return "the event's index cannot be read";
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(record));
  } catch {
    return "the record is not JSON";
  }
  const eventId = typeof value === "object" && value !== null && "eventID" in value ? value.eventID : undefined;
  return eventId === index.eventId ? undefined : `the record has event id ${String(eventId)}, its index ${index.eventId}`;
}
