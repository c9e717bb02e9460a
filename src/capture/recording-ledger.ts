import type { JournalEntry, Position } from "../journal/journal.ts";
import type { RecordingGap } from "./gaps/recording-gap.ts";
import type { IntentLedger } from "./intents/intent-ledger.ts";

/** Where the entries of calls are left, whoever makes them. Nothing is refused here for overload: that is for the door. */
export interface RecordingLedger {
  /** As `Journal.append`; waits where the disk lags. */
  append(entries: readonly JournalEntry[]): Promise<Position>;
  readonly intents: IntentLedger;
  /** A call is missing from the record; counted unless its end is still owed. */
  missed(eventId: string, gap: RecordingGap): void;
}
