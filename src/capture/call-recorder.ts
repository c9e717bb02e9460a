import { isDataOperation } from "../aws/catalogue/facts/data-events.ts";
import { isReadOnly } from "../aws/catalogue/facts/read-only.ts";
import type { Logger } from "../base/logger.ts";
import type { ApiCall } from "../event/api-call.ts";
import type { EventBuilder } from "../event/build-event.ts";
import type { JournalEntry } from "../journal/journal.ts";
import type { AppendRoom } from "./append-room.ts";
import { CallAdmission } from "./call-admission.ts";
import { eventEntry } from "./event-entry.ts";
import { gapOf, type RecordingGap } from "./gaps/recording-gap.ts";
import type { IntentLedger } from "./intents/intent-ledger.ts";
import { type CallKind, type Recorder, RecordingUnavailable } from "./recorder.ts";

export interface CallRecorderOptions {
  readonly room: AppendRoom;
  readonly intents: IntentLedger;
  readonly builder: EventBuilder;
  /** Whether anybody has selected the data events of such a call. Asked for each call, so it may change. */
  readonly wantsData: boolean | ((call: Pick<CallKind, "serviceId" | "operationName">) => boolean);
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

/**
 * Turns calls into entries of the journal: an intent before a call leaves that changes something, all events of a call in
 * one append when it is finished, so that a crash leaves all of them or none. Management events always; data events where
 * somebody selected them.
 */
export function createCallRecorder(options: CallRecorderOptions): Recorder {
  const { room, intents, builder, wantsData, missed, logger } = options;
  const selectsData = typeof wantsData === "boolean" ? (): boolean => wantsData : wantsData;

  const entriesOf = (call: ApiCall, kind: "event" | "intent"): JournalEntry[] => {
    const entries: JournalEntry[] = [];
    for (const event of builder.build(call)) {
      if (event.index.category !== "Data" || selectsData(call)) entries.push(eventEntry(event, kind));
    }
    return entries;
  };
  const intentOf = (call: ApiCall): JournalEntry[] =>
    entriesOf({ ...call, notes: { ...call.notes, ...UNKNOWN_OUTCOME } }, "intent");
  const parts = { room, intents, entriesOf: (call: ApiCall) => entriesOf(call, "event") };

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
    wants: (call) => !isDataOperation(call.serviceId, call.operationName) || selectsData(call),

    intends: ({ serviceId, operationName, operation }) =>
      !isReadOnly({ serviceId, operationName, accessLevel: operation?.accessLevel, known: operation !== undefined }),

    async admit(intent) {
      try {
        room.enter();
      } catch (error) {
        refused(error);
        throw error;
      }
      if (intent === undefined) return new CallAdmission(parts, true, undefined);
      try {
        const entries = intentOf(intent());
        return new CallAdmission(parts, true, entries.length === 0 ? undefined : await intents.open(entries));
      } catch (error) {
        room.leave();
        refused(error);
        throw new RecordingUnavailable("journal", error instanceof Error ? error.message : String(error), { cause: error });
      }
    },

    waive: () => new CallAdmission(parts, false, undefined),
    missed: (call, problem) => missed(call.eventId, gapOf(call, problem)),
  };
}
