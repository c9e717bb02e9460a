import { randomBytes } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Position } from "../../journal/journal.ts";
import { openDatabase, transaction } from "./database.ts";
import { readEventIndex } from "./event-index.ts";
import { HistoryCorrupt } from "./history.ts";
import { SECONDS_PER_DAY } from "./limits.ts";
import { PageTokens } from "./page-token.ts";
import type { BufferedEvent } from "./segment.ts";

const SCHEMA = `
  CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL, secret BLOB NOT NULL) STRICT;
  CREATE TABLE buffer (position INTEGER PRIMARY KEY, day INTEGER NOT NULL, head BLOB NOT NULL, record BLOB NOT NULL) STRICT;
  CREATE INDEX buffer_by_day ON buffer (day, position);
`;

/**
 * The reader's position and the events that are in no segment yet, of whatever day, in one database: so a batch is one
 * transaction, however many days it touches. The events are held in memory as well.
 */
export class WriteBuffer {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #advance: StatementSync;
  readonly #days = new Map<number, BufferedEvent[]>();
  readonly #octets = new Map<number, number>();
  #position: Position;

  /** Octets that nobody else knows, made with the store: its page token key. */
  readonly secret: Uint8Array;

  constructor(path: string) {
    this.path = path;
    this.#database = openDatabase(path, SCHEMA, 8192);
    this.#database.prepare("INSERT OR IGNORE INTO state VALUES (1, 0, ?)").run(randomBytes(PageTokens.keyLength));
    const state = this.#database.prepare("SELECT position, secret FROM state").get();
    const secret = state?.["secret"];
    if (!(secret instanceof Uint8Array)) throw new HistoryCorrupt(`${path}: no state`);
    this.secret = secret;
    this.#position = Number(state?.["position"]);
    this.#insert = this.#database.prepare("INSERT INTO buffer VALUES (?, ?, ?, ?)");
    this.#advance = this.#database.prepare("UPDATE state SET position = ?");
    for (const row of this.#database.prepare("SELECT position, head, record FROM buffer ORDER BY position").iterate()) {
      const { head, record } = row;
      const index = head instanceof Uint8Array ? readEventIndex(head) : undefined;
      if (!(head instanceof Uint8Array) || !(record instanceof Uint8Array) || index === undefined) {
        throw new HistoryCorrupt(`${path}: buffered event at position ${String(row["position"])}`);
      }
      this.#keep({ position: Number(row["position"]), time: Math.floor(index.time), index, head, record });
    }
  }

  get position(): Position {
    return this.#position;
  }

  /** Days with buffered events. */
  get days(): readonly number[] {
    return [...this.#days.keys()];
  }

  /** Buffered events of a day, in journal order. */
  of(day: number): readonly BufferedEvent[] {
    return this.#days.get(day) ?? [];
  }

  octetsOf(day: number): number {
    return this.#octets.get(day) ?? 0;
  }

  get size(): { readonly events: number; readonly octets: number } {
    return {
      events: [...this.#days.values()].reduce((sum, events) => sum + events.length, 0),
      octets: [...this.#octets.values()].reduce((sum, octets) => sum + octets, 0),
    };
  }

  /** Keeps the events and moves to `position`: durable when it returns; on an exception nothing has changed. */
  commit(events: readonly BufferedEvent[], position: Position): void {
    transaction(this.#database, () => {
      for (const event of events) this.#insert.run(event.position, dayOf(event.time), event.head, event.record);
      this.#advance.run(position);
    });
    for (const event of events) this.#keep(event);
    this.#position = position;
  }

  /**
   * Forgets a day's events up to `position`: they stand in a segment. In memory whatever happens, so that nothing shows or
   * writes them twice; rows that cannot be deleted now go with the next ones, or at the next start.
   */
  release(day: number, position: Position): void {
    const events = this.of(day);
    if (events[0] === undefined || events[0].position > position) return;
    this.#days.delete(day);
    this.#octets.delete(day);
    for (const event of events) if (event.position > position) this.#keep(event);
    this.#database.prepare("DELETE FROM buffer WHERE day = ? AND position <= ?").run(day, position);
  }

  close(): void {
    this.#database.close();
  }

  #keep(event: BufferedEvent): void {
    const day = dayOf(event.time);
    const events = this.#days.get(day);
    if (events === undefined) this.#days.set(day, [event]);
    else events.push(event);
    this.#octets.set(day, this.octetsOf(day) + event.head.length + event.record.length);
  }
}

/** Days since the epoch, UTC. `time` in epoch seconds. */
export function dayOf(time: number): number {
  return Math.floor(time / SECONDS_PER_DAY);
}
