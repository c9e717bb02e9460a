import { isDataOperation } from "../aws/catalogue/facts/data-events.ts";
import { isReadOnly } from "../aws/catalogue/facts/read-only.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { ApiCall } from "../event/api-call.ts";
import type { EventBuilder } from "../event/build-event.ts";
import type { Journal, JournalEntry, Position } from "../journal/journal.ts";
import { AppendRoom } from "./append-room.ts";
import { CallAdmission } from "./call-admission.ts";
import { eventEntry } from "./event-entry.ts";
import { RecordingGaps } from "./gaps/recording-gaps.ts";
import { Backlog } from "./intents/backlog.ts";
import { OpenIntents } from "./intents/open-intents.ts";
import { type CallKind, type Recorder, RecordingUnavailable } from "./recorder.ts";

export interface JournalRecorderOptions {
  readonly journal: Journal;
  readonly builder: EventBuilder;
  /** Whether anybody has selected the data events of such a call. Asked for each call, so it may change. */
  readonly wantsData: boolean | ((call: Pick<CallKind, "serviceId" | "operationName">) => boolean);
  /** Where it is kept from which position on intents may be open; made where it is missing. */
  readonly checkpointFile: string;
  /** Where gaps in the record are kept until they are told; made where `recording` can leave some. */
  readonly gapFile: string;
  readonly recording: "required" | "best-effort";
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: made for this journal. */
  readonly room?: AppendRoom;
}

export interface JournalRecorder extends Recorder {
  /** The journal must keep this position and all behind it: an intent may have to be read back. */
  keepFrom(): Position;
  /** Calls that left and whose events are not durable yet. */
  openIntents(): number;
  /** Writes what is still owed, if it can be. The journal stays open. To be called when no admission is left. */
  close(): Promise<void>;
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
 * somebody selected them. Before it resolves, the calls that an earlier process left open have become events, or are owed
 * where the journal cannot be written.
 */
export async function openJournalRecorder(options: JournalRecorderOptions): Promise<JournalRecorder> {
  const { journal, builder, wantsData, clock, logger, room = new AppendRoom({ journal }) } = options;
  const selectsData = typeof wantsData === "boolean" ? (): boolean => wantsData : wantsData;
  const backlog = new Backlog(journal, logger);
  const intents = new OpenIntents({ journal, room, backlog, checkpointFile: options.checkpointFile, logger });
  const gaps = new RecordingGaps({ journal, room, backlog, clock, logger });

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

  await intents.recover();
  await gaps.recover(options.gapFile, options.recording === "best-effort");
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

    missed(call, problem) {
      // What is owed is late, not missing.
      if (!intents.owes(call.eventId)) gaps.add(call, problem);
    },

    keepFrom: () => intents.keepFrom(),
    openIntents: () => intents.size,
    async close() {
      await backlog.close();
      await intents.close();
      await gaps.close();
    },
  };
}
