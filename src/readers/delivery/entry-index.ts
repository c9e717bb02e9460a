import type { EventIndex } from "../../event/built-event.ts";
import type { StoredEntry } from "../../journal/journal.ts";
import { readEventIndex } from "../history/event-index.ts";

const known = new WeakMap<StoredEntry, EventIndex>();

/** Index of an event, parsed once for all lanes that come by while the journal has it in memory. Undefined for other entries, and for a head that is none. */
export function entryIndex(entry: StoredEntry): EventIndex | undefined {
  if (entry.kind !== "event") return undefined;
  const parsed = known.get(entry) ?? readEventIndex(entry.head);
  if (parsed !== undefined) known.set(entry, parsed);
  return parsed;
}
