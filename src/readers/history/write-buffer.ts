import { randomBytes } from "node:crypto";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Position } from "../../journal/journal.ts";
import { openDatabase, transaction } from "./database.ts";
import { readEventIndex } from "./event-index.ts";
import { framesOf, packFrame, rawFrame, unpackFrame, type RawFrame } from "./frame.ts";
import { HistoryCorrupt } from "./history.ts";
import { BUFFER_FRAME_EVENTS, SECONDS_PER_DAY } from "./limits.ts";
import { PageTokens } from "./page-token.ts";
import type { BufferedEvent } from "./segment.ts";
import { VarintReader, VarintWriter } from "./varint.ts";

const FORMAT_1 = `
  CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL, secret BLOB NOT NULL) STRICT;
  CREATE TABLE buffer (position INTEGER PRIMARY KEY, day INTEGER NOT NULL, head BLOB NOT NULL, record BLOB NOT NULL) STRICT;
`;

/** In format 1 each event had a row of its own. */
const FORMAT_2 = `
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY, day INTEGER NOT NULL, last_position INTEGER NOT NULL, positions BLOB NOT NULL,
    frame BLOB NOT NULL, length INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_day ON runs (day, last_position);
`;

const INSERT_RUN = "INSERT INTO runs (day, last_position, positions, frame, length) VALUES (?, ?, ?, ?, ?)";

type Run = readonly [day: number, lastPosition: Position, positions: Uint8Array, frame: Uint8Array, length: number];

/**
 * The reader's position and the events that are in no segment yet, of whatever day, in one database: so a batch is one
 * transaction, however many days it touches. The events are held in memory as well.
 */
export class WriteBuffer {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;
  readonly #advance: StatementSync;
  readonly #days = new Map<number, BufferedEvent[]>();
  readonly #octets = new Map<number, number>();
  #position: Position;

  /** Octets that nobody else knows, made with the store: its page token key. */
  readonly secret: Uint8Array;

  constructor(path: string) {
    this.path = path;
    this.#database = openDatabase(path, [FORMAT_1, gatherRows], 4096);
    this.#database.prepare("INSERT OR IGNORE INTO state VALUES (1, 0, ?)").run(randomBytes(PageTokens.keyLength));
    const state = this.#database.prepare("SELECT position, secret FROM state").get();
    const secret = state?.["secret"];
    if (!(secret instanceof Uint8Array)) throw new HistoryCorrupt(`${path}: no state`);
    this.secret = secret;
    this.#position = Number(state?.["position"]);
    this.#insert = this.#database.prepare(INSERT_RUN);
    this.#forget = this.#database.prepare("DELETE FROM runs WHERE day = ? AND last_position <= ?");
    this.#advance = this.#database.prepare("UPDATE state SET position = ?");
    for (const row of this.#database.prepare("SELECT positions, frame, length FROM runs ORDER BY id").iterate()) {
      for (const event of eventsOf(row, path)) this.#keep(event);
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

  /**
   * Keeps the events and moves to `position`: durable after the last step; until then, and on an exception, nothing has
   * changed. Yields about every millisecond.
   */
  *commit(events: readonly BufferedEvent[], position: Position): Generator<void, void> {
    const runs: Run[] = [];
    const kept: BufferedEvent[] = [];
    for (const [day, ofDay] of Map.groupBy(events, (event) => dayOf(event.time))) {
      for (const run of framesOf(ofDay, BUFFER_FRAME_EVENTS)) {
        const raw = rawFrame(run);
        runs.push(packRun(day, run, raw));
        // One copy for all of a run, which leaves the buffer together: the batch itself may be part of something larger.
        for (const [at, event] of run.entries()) kept.push({ ...event, ...raw.parts[at] });
        yield;
      }
    }
    transaction(this.#database, () => {
      for (const run of runs) this.#insert.run(...run);
      this.#advance.run(position);
    });
    for (const event of kept) this.#keep(event);
    this.#position = position;
  }

  /**
   * Forgets a day's events up to `position`: they stand in a segment. In memory whatever happens, so that nothing shows or
   * writes them twice. A row goes with its last event: with a later call where it cannot be deleted now, or else at the
   * next start.
   */
  release(day: number, position: Position): void {
    const events = this.of(day);
    if (events[0] === undefined || events[0].position > position) return;
    this.#days.delete(day);
    this.#octets.delete(day);
    for (const event of events) if (event.position > position) this.#keep(event);
    // What comes back after a power cut is dropped again at the next start: no reason to wait for the disk.
    this.#database.exec("PRAGMA synchronous = NORMAL");
    try {
      this.#forget.run(day, position);
    } finally {
      this.#database.exec("PRAGMA synchronous = FULL");
    }
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

/** Events of one day, in journal order. */
function packRun(day: number, events: readonly { readonly position: Position }[], raw: RawFrame): Run {
  const positions = new VarintWriter();
  let before = 0;
  for (const { position } of events) {
    positions.write(position - before);
    before = position;
  }
  const { packed, length } = packFrame(raw, "quickly");
  return [day, before, positions.finish(), packed, length];
}

function eventsOf(row: Record<string, SQLOutputValue>, path: string): readonly BufferedEvent[] {
  try {
    const { positions, frame: packed, length } = row;
    if (!(positions instanceof Uint8Array) || !(packed instanceof Uint8Array)) throw new RangeError("no octets");
    const reader = new VarintReader(positions);
    let position = 0;
    return unpackFrame({ packed, length: Number(length) }).map((bytes) => {
      const index = readEventIndex(bytes.head);
      if (index === undefined) throw new RangeError("no readable index");
      position += reader.read();
      return { ...bytes, position, time: Math.floor(index.time), index };
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HistoryCorrupt(`${path}: buffered events: ${reason}`, { cause });
  }
}

/** From format 1: a row for each event. At most `BUFFER_BYTES` of them. */
function gatherRows(database: DatabaseSync): void {
  database.exec(FORMAT_2);
  const rows = database.prepare("SELECT position, day, head, record FROM buffer ORDER BY position").all();
  const insert = database.prepare(INSERT_RUN);
  for (const [day, ofDay] of Map.groupBy(rows, (row) => Number(row["day"]))) {
    const events = ofDay.map(({ position, head, record }) => {
      if (!(head instanceof Uint8Array) || !(record instanceof Uint8Array))
        throw new HistoryCorrupt("buffered event without octets");
      return { position: Number(position), head, record };
    });
    for (const run of framesOf(events, BUFFER_FRAME_EVENTS)) insert.run(...packRun(day, run, rawFrame(run)));
  }
  database.exec("DROP TABLE buffer");
}
