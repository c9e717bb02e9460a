import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { EventBuilder } from "../event/build-event.ts";
import type { Journal, Position } from "../journal/journal.ts";
import { AppendRoom } from "./append-room.ts";
import { type CallRecorderOptions, createCallRecorder } from "./call-recorder.ts";
import type { RecordingGap } from "./gaps/recording-gap.ts";
import { RecordingGaps } from "./gaps/recording-gaps.ts";
import { Backlog } from "./intents/backlog.ts";
import { OpenIntents } from "./intents/open-intents.ts";
import type { Recorder } from "./recorder.ts";
import type { RecordingLedger } from "./recording-ledger.ts";

export interface JournalRecorderOptions {
  readonly journal: Journal;
  readonly builder: EventBuilder;
  readonly selection: CallRecorderOptions["selection"];
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
  /** For those who make the entries elsewhere. */
  readonly ledger: RecordingLedger;
  /** The journal must keep this position and all behind it: an intent may have to be read back. */
  keepFrom(): Position;
  /** Calls that left and whose events are not durable yet. */
  openIntents(): number;
  /** Writes what is still owed, if it can be. The journal stays open. To be called when no admission is left. */
  close(): Promise<void>;
}

/**
 * Opens the recorder of a journal, and with it the one ledger of its open intents. Before it resolves, the calls that an
 * earlier process left open have become events, or are owed where the journal cannot be written.
 */
export async function openJournalRecorder(options: JournalRecorderOptions): Promise<JournalRecorder> {
  const { journal, builder, selection, clock, logger, room = new AppendRoom({ journal }) } = options;
  const backlog = new Backlog(journal, logger);
  const intents = new OpenIntents({ journal, room, backlog, checkpointFile: options.checkpointFile, logger });
  const gaps = new RecordingGaps({ journal, room, backlog, clock, logger });

  const missed = (eventId: string, gap: RecordingGap): void => {
    // What is owed is late, not missing.
    if (!intents.owes(eventId)) gaps.add(gap);
  };

  await intents.recover();
  await gaps.recover(options.gapFile, options.recording === "best-effort");
  return {
    ...createCallRecorder({ room, intents, builder, selection, missed, logger }),
    ledger: { append: (entries) => room.append(entries), intents, missed },
    keepFrom: () => intents.keepFrom(),
    openIntents: () => intents.size,
    async close() {
      await backlog.close();
      await intents.close();
      await gaps.close();
    },
  };
}
