import type { Logger } from "../../base/logger.ts";
import type { OpenIntent } from "../intents/intent-ledger.ts";
import type { RecordingLedger } from "../recording-ledger.ts";
import { recordingGapSchema } from "../gaps/recording-gap.ts";
import { entriesIn } from "./entry-bytes.ts";
import { TOPIC } from "./topics.ts";

const HANDLE_BYTES = 4;

/**
 * What one capture process leaves in the primary's ledger. When the process is gone, the intents that it leaves open become
 * events of unknown outcome.
 */
export class LedgerSession {
  readonly #ledger: RecordingLedger;
  readonly #logger: Logger;
  readonly #open = new Map<number, OpenIntent>();
  readonly #working = new Set<Promise<unknown>>();
  #recorded = 0;
  #abandoned = 0;
  #ended = false;

  constructor(ledger: RecordingLedger, logger: Logger) {
    this.#ledger = ledger;
    this.#logger = logger;
  }

  /** Calls whose events were made durable. */
  get recorded(): number {
    return this.#recorded;
  }

  /** Undefined for topics that are not the ledger's. */
  request(topic: number, payload: Buffer): Promise<Uint8Array | undefined> | undefined {
    const work = this.#begin(topic, payload);
    if (work !== undefined) {
      this.#working.add(work);
      const over = (): void => void this.#working.delete(work);
      work.then(over, over);
    }
    return work;
  }

  missed(payload: Buffer): void {
    const { eventId, gap } = JSON.parse(payload.toString()) as { eventId: string; gap: unknown };
    this.#ledger.missed(eventId, recordingGapSchema.parse(gap));
  }

  /** The process is gone, all it sent has been taken. Resolves with the number of intents that it left open. */
  async end(): Promise<number> {
    this.#ended = true;
    const left = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled([...left.map((intent) => this.#abandon(intent)), ...this.#working]);
    if (this.#abandoned > 0)
      this.#logger.warn(
        { events: this.#abandoned },
        "calls that were under way in a capture process are on record now; their outcome is unknown",
      );
    return this.#abandoned;
  }

  async #abandon(intent: OpenIntent): Promise<void> {
    this.#abandoned += 1;
    await this.#ledger.intents.abandon(intent);
  }

  #begin(topic: number, payload: Buffer): Promise<Uint8Array | undefined> | undefined {
    switch (topic) {
      case TOPIC.append:
        return this.#append(payload);
      case TOPIC.open:
        return this.#openIntent(payload.readUInt32LE(0), payload.subarray(HANDLE_BYTES));
      case TOPIC.settle:
        return this.#settle(this.#take(payload), payload.subarray(HANDLE_BYTES));
      case TOPIC.withdraw:
        return this.#ledger.intents.withdraw(this.#take(payload)).then(() => undefined);
      case TOPIC.abandon:
        return this.#ledger.intents.abandon(this.#take(payload)).then(() => undefined);
      default:
        return undefined;
    }
  }

  async #append(payload: Buffer): Promise<Uint8Array> {
    const position = Buffer.allocUnsafe(8);
    position.writeDoubleLE(await this.#ledger.append(entriesIn(payload)));
    this.#recorded += 1;
    return position;
  }

  async #openIntent(handle: number, payload: Buffer): Promise<undefined> {
    const intent = await this.#ledger.intents.open(entriesIn(payload));
    // Nobody is there to end it: it may have been told that the intent is durable, or not.
    if (this.#ended) await this.#abandon(intent);
    else this.#open.set(handle, intent);
  }

  async #settle(intent: OpenIntent, payload: Buffer): Promise<undefined> {
    await this.#ledger.intents.settle(intent, entriesIn(payload));
    this.#recorded += 1;
  }

  #take(payload: Buffer): OpenIntent {
    const handle = payload.readUInt32LE(0);
    const intent = this.#open.get(handle);
    if (intent === undefined) throw new Error(`BUG: no intent ${handle} is open`);
    this.#open.delete(handle);
    return intent;
  }
}
