import type { ApiCall } from "../event/api-call.ts";
import type { RecordDraft } from "../event/record-draft.ts";
import type { JournalEntry } from "../journal/journal.ts";
import type { AppendRoom } from "./append-room.ts";
import type { IntentLedger, OpenIntent } from "./intents/intent-ledger.ts";
import type { Admission } from "./recorder.ts";

export interface CallAdmissionParts {
  readonly room: AppendRoom;
  readonly intents: IntentLedger;
  /** Those events of a call that somebody wants, or wanted when it left. */
  readonly eventsOf: (call: ApiCall, owed: ReadonlySet<string>, draft?: RecordDraft) => readonly JournalEntry[];
}

export interface AdmittedIntent {
  readonly intent: OpenIntent;
  /** Ids of the events that are recorded in any case. */
  readonly owed: ReadonlySet<string>;
  /** What of the call's record is made already. */
  readonly draft: RecordDraft;
}

const NOTHING: ReadonlySet<string> = new Set();

/** What a call holds from its admission to its record: room in the journal's queue, and its intent where it has one. */
export class CallAdmission implements Admission {
  readonly #parts: CallAdmissionParts;
  readonly #intent: OpenIntent | undefined;
  readonly #owed: ReadonlySet<string>;
  readonly #draft: RecordDraft | undefined;
  readonly #admitted: boolean;
  #holdsRoom: boolean;

  /** @param admitted the call has entered the room; else it is one that was let pass all the same. */
  constructor(parts: CallAdmissionParts, admitted: boolean, left?: AdmittedIntent) {
    this.#parts = parts;
    this.#admitted = admitted;
    this.#holdsRoom = admitted;
    this.#intent = left?.intent;
    this.#owed = left?.owed ?? NOTHING;
    this.#draft = left?.draft;
  }

  async record(call: ApiCall): Promise<boolean> {
    const { room, intents, eventsOf } = this.#parts;
    // Nobody may wait for a full queue who was not let into it.
    if (!this.#admitted) {
      room.enter();
      room.leave();
    }
    this.#leave();
    let entries: readonly JournalEntry[];
    try {
      entries = eventsOf(call, this.#owed, this.#draft);
    } catch (error) {
      if (this.#intent !== undefined) await intents.abandon(this.#intent);
      throw error;
    }
    if (entries.length === 0) {
      if (this.#intent !== undefined) await intents.withdraw(this.#intent);
      return false;
    }
    if (this.#intent !== undefined) await intents.settle(this.#intent, entries);
    else await room.append(entries);
    return true;
  }

  async withdraw(): Promise<void> {
    this.#leave();
    if (this.#intent !== undefined) await this.#parts.intents.withdraw(this.#intent);
  }

  async abandon(): Promise<void> {
    this.#leave();
    if (this.#intent !== undefined) await this.#parts.intents.abandon(this.#intent);
  }

  /** From here on the call is counted with the bytes that it appends. */
  #leave(): void {
    if (this.#holdsRoom) this.#parts.room.leave();
    this.#holdsRoom = false;
  }
}
