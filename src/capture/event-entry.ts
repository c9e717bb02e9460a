import type { BuiltEvent, EventIndex } from "../event/built-event.ts";
import { ENTRY_LIMITS, type EntryKind, type JournalEntry } from "../journal/journal.ts";

/** A built event as an entry of the journal: its index in front, the record behind. */
export function eventEntry({ record, index }: BuiltEvent, kind: Exclude<EntryKind, "settled">): JournalEntry {
  return { kind, head: headOf(index), body: record };
}

/** Says that the intent of this event id has been dealt with and leaves no event. */
export function settledEntry(eventId: string): JournalEntry {
  return { kind: "settled", head: Buffer.from(JSON.stringify({ eventId })), body: new Uint8Array() };
}

/** The event id in an entry's head, which begins with it; undefined in entries that others put there. */
export function eventIdOf(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 80));
  return /^\{"eventId":"([\w-]{1,64})"/.exec(bytes.toString("latin1"))?.[1];
}

/**
 * Callers choose how many resources a call names and how long their names are. An index that is too large for the journal
 * loses the last of them: the event is not found by those, which is better than not recorded.
 */
function headOf(index: EventIndex): Uint8Array {
  const head = Buffer.from(JSON.stringify(index));
  if (head.length <= ENTRY_LIMITS.head || index.resources.length === 0) return head;
  return headOf({ ...index, resources: index.resources.slice(0, Math.floor(index.resources.length / 2)) });
}
