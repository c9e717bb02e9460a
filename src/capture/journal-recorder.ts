import { isDataOperation } from "../aws/catalogue/facts/data-events.ts";
import type { Clock } from "../base/clock.ts";
import type { EventBuilder } from "../event/build-event.ts";
import type { BuiltEvent } from "../event/built-event.ts";
import { JournalUnavailable, type Journal, type JournalEntry } from "../journal/journal.ts";
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
  readonly clock: Clock;
}

interface RecorderCounters {
  /** Calls whose events are durable, and those events. */
  readonly calls: number;
  readonly events: number;
  /** Calls that could not be recorded, and when that was last so (epoch milliseconds; undefined for never). */
  readonly failures: number;
  readonly lastFailureAt: number | undefined;
}

export interface JournalRecorder extends Recorder {
  counters(): RecorderCounters;
}

/**
 * Turns finished calls into events and appends them to the journal: all events of a call in one append, so that a crash
 * leaves all of them or none. Management events always; data events where somebody selected them. A call is not admitted
 * while the journal says that it cannot be written.
 */
export function createJournalRecorder(options: JournalRecorderOptions): JournalRecorder {
  const { journal, builder, wantsData, clock } = options;
  const selectsData = typeof wantsData === "boolean" ? (): boolean => wantsData : wantsData;
  let calls = 0;
  let events = 0;
  let failures = 0;
  let lastFailureAt: number | undefined;
  return {
    wants: (call) => !isDataOperation(call.serviceId, call.operationName) || selectsData(call),

    async admit() {
      const { writable, problem } = journal.status();
      if (!writable) throw new JournalUnavailable(problem ?? "the journal cannot be written");
    },

    async record(call) {
      try {
        const entries = builder
          .build(call)
          .filter(({ index }) => index.category !== "Data" || selectsData(call))
          .map(toEntry);
        if (entries.length > 0) await journal.append(entries);
        calls += 1;
        events += entries.length;
      } catch (error) {
        failures += 1;
        lastFailureAt = clock.now();
        throw error;
      }
    },

    counters: () => ({ calls, events, failures, lastFailureAt }),
  };
}

function toEntry({ record, index }: BuiltEvent): JournalEntry {
  return { kind: "event", head: Buffer.from(JSON.stringify(index)), body: record };
}
