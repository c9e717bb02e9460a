import { Bag, type Bagged } from "../../base/bag.ts";
import type { Logger } from "../../base/logger.ts";
import { type Journal, type JournalEntry, JournalCorrupt, JournalTrimmed, type Position } from "../../journal/journal.ts";
import type { AppendRoom } from "../append-room.ts";
import { eventIdOf, settledEntry } from "../event-entry.ts";
import type { Backlog, Owing } from "./backlog.ts";
import { Checkpoint } from "./checkpoint.ts";
import { findOpenIntents } from "./find-open-intents.ts";
import type { IntentLedger, OpenIntent } from "./intent-ledger.ts";

export interface OpenIntentsOptions {
  readonly journal: Pick<Journal, "read" | "status">;
  readonly room: Pick<AppendRoom, "append">;
  readonly backlog: Backlog;
  readonly checkpointFile: string;
  readonly logger: Logger;
  /** Entries after which the checkpoint is moved; default 5,000. */
  readonly checkpointEntries?: number;
  /** Milliseconds between two checkpoints at least; default 1,000. */
  readonly checkpointMilliseconds?: number;
  /** Entries behind an open intent after which it is appended again; default 20,000. */
  readonly carryEntries?: number;
}

interface Open extends OpenIntent, Bagged {
  /** At or before the first of its entries. */
  bound: Position;
  /** Of the first of its entries; undefined until they are durable. */
  position: Position | undefined;
  /** Its end is about to be written: it is not carried on any more. */
  ending: boolean;
  /** It is being appended again; never rejects. */
  carried: Promise<void> | undefined;
}

/** The end of an intent that could not be written when it came. */
interface Owed {
  readonly intent: Open;
  /** Undefined: its own entries, as events. */
  readonly entries: readonly JournalEntry[] | undefined;
}

class IntentMissing extends Error {
  override name = "IntentMissing";
}

/** Bytes of events that are kept for a journal that cannot be written; past them, calls end as their intents say. */
const OWED_BYTES = 16 * 1024 * 1024;
/** Intents in one append at recovery, and in one step of carrying on. */
const STEP = 256;
const STEP_BYTES = 4 * 1024 * 1024;

/**
 * The intents that nothing has settled yet, the one place that knows them:
 *
 * - each is settled in one append with the events of its call, or by a mark where the call leaves none;
 * - those that an earlier process left become events, exactly once: what is appended is settled, also at the next start;
 * - where the end of one cannot be written it is owed, and written when the journal takes it;
 * - one that stays open long is appended again, so that neither the journal nor the search at a start grows with it.
 */
export class OpenIntents implements IntentLedger, Owing {
  readonly #journal: Pick<Journal, "read" | "status">;
  readonly #room: Pick<AppendRoom, "append">;
  readonly #backlog: Backlog;
  readonly #checkpoint: Checkpoint;
  readonly #logger: Logger;
  readonly #checkpointEntries: number;
  readonly #checkpointMilliseconds: number;
  readonly #carryEntries: number;
  readonly #open = new Bag<Open>();
  #owed: Owed[] = [];
  #owedBytes = 0;
  #saved: Position = 0;
  #savedAt = -Infinity;
  #upkeep: Promise<void> | undefined;

  constructor(options: OpenIntentsOptions) {
    this.#journal = options.journal;
    this.#room = options.room;
    this.#backlog = options.backlog;
    this.#checkpoint = new Checkpoint(options.checkpointFile);
    this.#logger = options.logger;
    this.#checkpointEntries = options.checkpointEntries ?? 5_000;
    this.#checkpointMilliseconds = options.checkpointMilliseconds ?? 1_000;
    this.#carryEntries = options.carryEntries ?? 20_000;
    this.#backlog.add(this);
  }

  get size(): number {
    return this.#open.size;
  }

  /** The journal MUST keep this position and all behind it. */
  keepFrom(): Position {
    let least = this.#journal.status().last + 1;
    for (const { bound } of this.#open) least = Math.min(least, bound);
    return least;
  }

  /**
   * Turns what an earlier process left open into events, and resolves with their number. To be called before anything is
   * opened. Where the journal cannot be written they are owed.
   */
  async recover(): Promise<number> {
    this.#saved = await this.#checkpoint.load(this.#journal);
    const found = await findOpenIntents(this.#journal, this.#saved);
    for (const [eventId, position] of found) {
      const intent: Open = { eventIds: [eventId], bound: position, position, ending: false, carried: undefined, place: -1 };
      this.#open.add(intent);
      this.#owe(intent, undefined);
    }
    if (found.size > 0) await this.#backlog.flush();
    const events = found.size - this.#owed.length;
    if (found.size > 0) {
      this.#logger.warn(
        { events, owed: this.#owed.length },
        "calls that were under way when OpenTrail ended are on record now; their outcome is unknown",
      );
    }
    return events;
  }

  async open(entries: readonly JournalEntry[]): Promise<OpenIntent> {
    const bound = this.#journal.status().last + 1;
    const eventIds = entries.map(({ head }) => eventIdOf(head)).filter((id) => id !== undefined);
    const intent: Open = { eventIds, bound, position: undefined, ending: false, carried: undefined, place: -1 };
    this.#open.add(intent);
    try {
      intent.position = await this.#room.append(entries);
    } catch (error) {
      this.#open.delete(intent);
      throw error;
    }
    return intent;
  }

  async settle(opened: OpenIntent, events: readonly JournalEntry[]): Promise<void> {
    const intent = this.#known(opened);
    const rest = withoutEvent(intent, events);
    await this.#end(intent, rest.length === 0 ? events : [...events, ...rest.map(settledEntry)]);
  }

  async withdraw(opened: OpenIntent): Promise<void> {
    const intent = this.#known(opened);
    await this.#end(intent, intent.eventIds.map(settledEntry)).catch(() => {});
  }

  async abandon(opened: OpenIntent): Promise<void> {
    const intent = this.#known(opened);
    intent.ending = true;
    this.#owe(intent, undefined);
    await this.#backlog.flush();
  }

  /** Whether the end of this call is still to be written. */
  owes(eventId: string): boolean {
    return this.#owed.some(({ intent }) => intent.eventIds.includes(eventId));
  }

  /** Writes the checkpoint a last time. The backlog has to be closed before. */
  async close(): Promise<void> {
    await this.#upkeep;
    if (this.keepFrom() - 1 > this.#saved) await this.#save();
  }

  get pending(): boolean {
    return this.#owed.length > 0;
  }

  async write(): Promise<void> {
    while (this.#owed.length > 0) {
      const entries: JournalEntry[] = [];
      let taken = 0;
      for (let bytes = 0; bytes < STEP_BYTES && taken < STEP; taken++) {
        const owed = this.#owed[taken];
        if (owed === undefined) break;
        await owed.intent.carried;
        const ends = owed.entries ?? (await this.#asEvents(owed.intent));
        entries.push(...ends);
        bytes += bytesOf(ends);
      }
      if (entries.length > 0) await this.#room.append(entries);
      for (const { intent, entries: own } of this.#owed.splice(0, taken)) {
        this.#owedBytes -= bytesOf(own);
        this.#open.delete(intent);
      }
    }
    this.#advanced();
  }

  #known(opened: OpenIntent): Open {
    const intent = opened as Open;
    if (!this.#open.has(intent) || intent.ending) throw new Error("BUG: an intent ends twice");
    return intent;
  }

  async #end(intent: Open, entries: readonly JournalEntry[]): Promise<void> {
    intent.ending = true;
    // An intent that came behind its end would look open.
    if (intent.carried !== undefined) await intent.carried;
    try {
      await this.#room.append(entries);
    } catch (error) {
      this.#owe(intent, entries);
      throw error;
    }
    this.#open.delete(intent);
    this.#advanced();
  }

  #owe(intent: Open, entries: readonly JournalEntry[] | undefined): void {
    intent.ending = true;
    const bytes = bytesOf(entries);
    const marks = entries?.every(({ kind }) => kind === "settled") ?? false;
    const kept = marks || this.#owedBytes + bytes <= OWED_BYTES ? entries : undefined;
    this.#owedBytes += bytesOf(kept);
    this.#owed.push({ intent, entries: kept });
    this.#backlog.notify();
  }

  /** The entries of an intent as they stand in the journal, turned into events; none where they are not there any more. */
  async #asEvents(intent: Open): Promise<JournalEntry[]> {
    try {
      return (await this.#entriesOf(intent)).map(({ head, body }) => ({ kind: "event", head, body }));
    } catch (error) {
      const gone = error instanceof JournalTrimmed || error instanceof JournalCorrupt || error instanceof IntentMissing;
      // Whatever else it is may pass.
      if (!gone) throw error;
      this.#logger.error({ err: error, eventIds: intent.eventIds }, "an intent cannot be read back: its call has no event");
      return [];
    }
  }

  async #entriesOf({ position, eventIds }: Open): Promise<JournalEntry[]> {
    if (position === undefined) return [];
    const entries = await this.#journal.read(position - 1, eventIds.length);
    const whole = entries.every(({ kind, head }, at) => kind === "intent" && eventIdOf(head) === eventIds[at]);
    if (!whole || entries.length !== eventIds.length)
      throw new IntentMissing(`no intent of ${eventIds[0]} stands at ${position}`);
    return entries.map(({ head, body }) => ({ kind: "intent", head, body }));
  }

  /** Called when the journal has grown and an intent is settled. Cheap as a rule. */
  #advanced(): void {
    if (this.#upkeep !== undefined) return;
    const { last } = this.#journal.status();
    if (last - this.#saved < this.#checkpointEntries) return;
    if (performance.now() - this.#savedAt < this.#checkpointMilliseconds) return;
    this.#upkeep = this.#maintain(last).finally(() => (this.#upkeep = undefined));
  }

  async #maintain(last: Position): Promise<void> {
    this.#savedAt = performance.now();
    if (last - this.keepFrom() >= this.#carryEntries) await this.#carryOn(last);
    if (this.keepFrom() - 1 > this.#saved) await this.#save();
  }

  /** Appends the oldest intents again. */
  async #carryOn(last: Position): Promise<void> {
    const old: Open[] = [];
    for (const intent of this.#open) {
      if (old.length >= STEP) break;
      if (last - intent.bound >= this.#carryEntries / 2 && !intent.ending) old.push(intent);
    }
    await Promise.all(old.map((intent) => (intent.carried = this.#carry(intent))));
  }

  async #carry(intent: Open): Promise<void> {
    try {
      const entries = await this.#entriesOf(intent);
      if (entries.length > 0) intent.bound = intent.position = await this.#room.append(entries);
    } catch (error) {
      this.#logger.warn({ err: error }, "an intent that is long open could not be carried on");
    }
    intent.carried = undefined;
  }

  async #save(): Promise<void> {
    const position = this.keepFrom() - 1;
    if (position < this.#journal.status().first) return;
    try {
      await this.#checkpoint.store(this.#journal, position);
      this.#saved = position;
    } catch (error) {
      this.#logger.warn({ err: error }, "the checkpoint of the intents could not be written");
    }
  }
}

/** The ids of an intent that none of the events has. */
function withoutEvent({ eventIds }: OpenIntent, events: readonly JournalEntry[]): readonly string[] {
  const [event] = events;
  // Nearly always it is one event, of the one id.
  if (event !== undefined && eventIds.length === 1 && eventIdOf(event.head) === eventIds[0]) return [];
  const ids = new Set(events.map(({ head }) => eventIdOf(head)));
  return eventIds.filter((id) => !ids.has(id));
}

function bytesOf(entries: readonly JournalEntry[] | undefined): number {
  return (entries ?? []).reduce((sum, { head, body }) => sum + head.length + body.length, 0);
}
