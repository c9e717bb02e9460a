import type { JournalEntry, JournalStatus, Position } from "../../journal/journal.ts";
import { JournalUnavailable } from "../../journal/journal.ts";
import { AppendRoom } from "../append-room.ts";
import type { RecordingGap } from "../gaps/recording-gap.ts";
import { eventIdOf } from "../event-entry.ts";
import type { IntentLedger, OpenIntent } from "../intents/intent-ledger.ts";
import { entryParts } from "./entry-bytes.ts";
import { LinkFailure, type ProcessLink } from "./process-link.ts";
import { TOPIC } from "./topics.ts";

export interface RemoteLedgerOptions {
  readonly link: Pick<ProcessLink, "request" | "notify">;
  /** As the primary told it last. */
  readonly status: () => Pick<JournalStatus, "writable" | "problem">;
  /** This process's share of the room's bounds. */
  readonly admittedBytes: number;
  readonly waitingBytes: number;
}

interface RemoteIntent extends OpenIntent {
  readonly handle: Uint8Array;
}

/**
 * The primary's ledger as a capture process sees it. Who may come in is decided here, by a share of the bounds; the intents
 * are the primary's, which ends them as unknown should this process die.
 */
export class RemoteLedger implements IntentLedger {
  readonly room: AppendRoom;
  readonly #link: RemoteLedgerOptions["link"];
  #lastHandle = 0;

  constructor({ link, status, admittedBytes, waitingBytes }: RemoteLedgerOptions) {
    this.#link = link;
    const append = async (entries: readonly JournalEntry[]): Promise<Position> =>
      (await this.#ask(TOPIC.append, ...entryParts(entries))).readDoubleLE(0);
    this.room = new AppendRoom({ journal: { append, status: () => ({ ...NOTHING, ...status() }) }, admittedBytes, waitingBytes });
  }

  async open(entries: readonly JournalEntry[]): Promise<OpenIntent> {
    this.#lastHandle = (this.#lastHandle % 0xffff_ffff) + 1;
    const handle = Buffer.allocUnsafe(4);
    handle.writeUInt32LE(this.#lastHandle);
    await this.room.pass(entries, () => this.#ask(TOPIC.open, handle, ...entryParts(entries)));
    const intent: RemoteIntent = { eventIds: entries.map(({ head }) => eventIdOf(head) ?? ""), handle };
    return intent;
  }

  async settle(intent: OpenIntent, events: readonly JournalEntry[]): Promise<void> {
    await this.room.pass(events, () => this.#ask(TOPIC.settle, handleOf(intent), ...entryParts(events)));
  }

  async withdraw(intent: OpenIntent): Promise<void> {
    await this.#ask(TOPIC.withdraw, handleOf(intent)).catch(() => {});
  }

  async abandon(intent: OpenIntent): Promise<void> {
    await this.#ask(TOPIC.abandon, handleOf(intent)).catch(() => {});
  }

  missed(eventId: string, gap: RecordingGap): void {
    this.#link.notify(TOPIC.missed, Buffer.from(JSON.stringify({ eventId, gap })));
  }

  async #ask(topic: number, ...parts: readonly Uint8Array[]): Promise<Buffer> {
    try {
      return await this.#link.request(topic, ...parts);
    } catch (error) {
      if (error instanceof LinkFailure) throw new JournalUnavailable(error.message, { cause: error });
      throw error;
    }
  }
}

const NOTHING = { first: 0, last: 0, bytes: 0, lost: [] } as const;

function handleOf(intent: OpenIntent): Uint8Array {
  return (intent as RemoteIntent).handle;
}
