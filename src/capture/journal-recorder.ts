import { isDataOperation } from "../aws/catalogue/facts/data-events.ts";
import type { EventBuilder } from "../event/build-event.ts";
import type { BuiltEvent, EventIndex } from "../event/built-event.ts";
import { ENTRY_LIMITS, JournalUnavailable, type Journal, type JournalEntry } from "../journal/journal.ts";
import type { Recorder } from "./recorder.ts";

/** A kind of call, as far as selecting goes. */
interface CallKind {
  /** Catalogue id. */
  readonly serviceId: string;
  /** API name, not event name. */
  readonly operationName: string;
}

export interface JournalRecorderOptions {
  readonly journal: Journal;
  readonly builder: EventBuilder;
  /** Whether anybody has selected the data events of such a call. Asked for each call, so it may change. */
  readonly wantsData: boolean | ((call: CallKind) => boolean);
}

/**
 * Turns finished calls into events and appends them to the journal: all events of a call in one append, so that a crash
 * leaves all of them or none. Management events always; data events where somebody selected them. A call is not admitted
 * while the journal says that it cannot be written.
 */
export function createJournalRecorder({ journal, builder, wantsData }: JournalRecorderOptions): Recorder {
  const selectsData = typeof wantsData === "boolean" ? (): boolean => wantsData : wantsData;
  return {
    wants: (call) => !isDataOperation(call.serviceId, call.operationName) || selectsData(call),

    async admit() {
      const { writable, problem } = journal.status();
      if (!writable) throw new JournalUnavailable(problem ?? "the journal cannot be written");
    },

    async record(call) {
      const entries = builder
        .build(call)
        .filter(({ index }) => index.category !== "Data" || selectsData(call))
        .map(toEntry);
      if (entries.length > 0) await journal.append(entries);
    },
  };
}

function toEntry({ record, index }: BuiltEvent): JournalEntry {
  return { kind: "event", head: headOf(index), body: record };
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
