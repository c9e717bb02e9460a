import { isDataOperation } from "../aws/catalogue/facts/data-events.ts";
import { isReadOnlyCall } from "../aws/catalogue/facts/read-only.ts";
import type { Logger } from "../base/logger.ts";
import type { ApiCall } from "../event/api-call.ts";
import type { EventBuilder } from "../event/build-event.ts";
import type { BuiltEvent } from "../event/built-event.ts";
import { furtherEvents } from "../event/further-events.ts";
import { RecordDraft } from "../event/record-draft.ts";
import type { JournalEntry } from "../journal/journal.ts";
import type { AppendRoom } from "./append-room.ts";
import { CallAdmission } from "./call-admission.ts";
import { eventEntry } from "./event-entry.ts";
import { gapOf, type RecordingGap } from "./gaps/recording-gap.ts";
import type { IntentLedger } from "./intents/intent-ledger.ts";
import { type Recorder, RecordingUnavailable } from "./recorder.ts";
import type { DataSelector } from "./selection/data-selection.ts";

export interface CallRecorderOptions {
  readonly room: AppendRoom;
  readonly intents: IntentLedger;
  readonly builder: EventBuilder;
  readonly selection: DataSelector;
  /** Told of a call that is missing from the record, unless its end is still owed. */
  readonly missed: (eventId: string, gap: RecordingGap) => void;
  readonly logger: Logger;
}

/** Between two lines in the log about calls that are not admitted. */
const REFUSALS_MILLISECONDS = 5_000;

/** Stand in the `additionalEventData.opentrail` of an event that is only as good as its intent. */
const UNKNOWN_OUTCOME = {
  outcome: "unknown",
  outcomeReason: "Recorded before the call was passed on; what became of it was not recorded",
} as const;

const NOTHING_OWED: ReadonlySet<string> = new Set();

interface IntentEntries {
  readonly entries: readonly JournalEntry[];
  /** Ids of the events that somebody wanted by then: they are recorded whatever is selected when the call ends. */
  readonly owed: ReadonlySet<string>;
}

/** Its answer may show further events, or a body that is not read yet the resources that selectors look for. */
function mayBeWantedLater(call: ApiCall, events: readonly BuiltEvent[]): boolean {
  return (
    events.some(({ index }) => index.selectedAs !== undefined) || furtherEvents(call.serviceId, call.operationName).length > 0
  );
}

/**
 * Turns calls into entries of the journal: an intent before a call leaves that changes something, all events of a call in
 * one append when it is finished, so that a crash leaves all of them or none. Management events always; data events where
 * somebody selected them.
 */
export function createCallRecorder(options: CallRecorderOptions): Recorder {
  const { room, intents, builder, selection, missed, logger } = options;
  const isWanted = (event: BuiltEvent): boolean => {
    const { category } = event.index;
    return (category !== "Data" && category !== "NetworkActivity") || selection.takes(event);
  };

  const eventsOf = (call: ApiCall, owed: ReadonlySet<string>, draft?: RecordDraft): JournalEntry[] => {
    const wanted = builder.build(call, draft).filter((event) => owed.has(event.index.eventId) || isWanted(event));
    return wanted.map((event) => eventEntry(event, "event"));
  };
  const intentsOf = (call: ApiCall, draft: RecordDraft): IntentEntries => {
    const events = builder.build(call, draft, UNKNOWN_OUTCOME);
    const wanted = events.filter(isWanted);
    const entriesOf = (some: readonly BuiltEvent[]): JournalEntry[] => some.map((event) => eventEntry(event, "intent"));
    if (wanted.length > 0) return { entries: entriesOf(wanted), owed: new Set(wanted.map(({ index }) => index.eventId)) };
    const entries = selection.mayTake(call) && mayBeWantedLater(call, events) ? entriesOf(events) : [];
    return { entries, owed: NOTHING_OWED };
  };
  const parts = { room, intents, eventsOf };

  let refusals = 0;
  let toldAt = -Infinity;
  const refused = (error: unknown): void => {
    refusals += 1;
    const now = performance.now();
    if (now - toldAt < REFUSALS_MILLISECONDS) return;
    logger.error({ err: error, calls: refusals }, "calls are not admitted because they could not be recorded");
    toldAt = now;
    refusals = 0;
  };

  return {
    wants: (call, throughVpcEndpoint) =>
      !isDataOperation(call.serviceId, call.operationName) ||
      selection.mayTake(call) ||
      (throughVpcEndpoint === true && selection.takesNetworkActivity),

    intends: (call) => !isReadOnlyCall(call),

    async admit(intent) {
      try {
        room.enter();
      } catch (error) {
        refused(error);
        throw error;
      }
      if (intent === undefined) return new CallAdmission(parts, true);
      try {
        const draft = new RecordDraft();
        const { entries, owed } = intentsOf(intent(), draft);
        if (entries.length === 0) return new CallAdmission(parts, true);
        return new CallAdmission(parts, true, { intent: await intents.open(entries), owed, draft });
      } catch (error) {
        room.leave();
        refused(error);
        throw new RecordingUnavailable("journal", error instanceof Error ? error.message : String(error), { cause: error });
      }
    },

    waive: () => new CallAdmission(parts, false),
    missed: (call, problem) => missed(call.eventId, gapOf(call, problem)),
  };
}
