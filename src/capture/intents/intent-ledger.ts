import type { JournalEntry } from "../../journal/journal.ts";

/** The intents of one call. */
export interface OpenIntent {
  readonly eventIds: readonly string[];
}

/** Where the intents of calls are opened and ended; each ends once. */
export interface IntentLedger {
  /** Appends the intents of a call; they are open until `settle`, `withdraw` or `abandon`. Rejects as `Journal.append`. */
  open(entries: readonly JournalEntry[]): Promise<OpenIntent>;
  /** Appends the events of the call. Rejects where that cannot be done now; then it is done later. */
  settle(intent: OpenIntent, events: readonly JournalEntry[]): Promise<void>;
  /** The call leaves no event. Never rejects: a mark that cannot be written now is written later. */
  withdraw(intent: OpenIntent): Promise<void>;
  /** Nothing more will be heard of the call: its intents become its events, now or as soon as they can be written. */
  abandon(intent: OpenIntent): Promise<void>;
}
