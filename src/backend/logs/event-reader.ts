import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventPosition, StoredEvent } from "./stored.ts";

/** Whose events: those of all streams of a group, or of one stream. */
export interface EventOwner {
  readonly kind: "log_group" | "stream";
  readonly id: number;
}

/** Which of them: both times included, strictly behind `from` in the direction of reading where it is given. */
export interface EventRange {
  readonly from: EventPosition | undefined;
  readonly least: number;
  readonly most: number;
  readonly backward: boolean;
}

/** An event without its message: read from the index alone. */
export interface EventEntry extends EventPosition {
  readonly stream: number;
}

const INDEX = { log_group: "event_of_group", stream: "event_of_stream" } as const;
const ENTRY = "id, timestamp, stream";
const EVENT = `${ENTRY}, ingested, message`;

/** Reads events in the order of `EventPosition`, from an index, beginning at once where the range begins. */
export class EventReader {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #get: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#get = database.prepare(`SELECT ${EVENT} FROM log_event WHERE id = ?`);
    this.#get.setReturnArrays(true);
  }

  get(id: number): StoredEvent | undefined {
    const row: unknown = this.#get.get(id);
    return row === undefined ? undefined : toEvent(row as Row);
  }

  /** Nothing may be written before it has been read to its end or let go; so also of `entries`. */
  *events(owner: EventOwner, range: EventRange): Generator<StoredEvent> {
    for (const row of this.#rows(EVENT, owner, range)) yield toEvent(row);
  }

  *entries(owner: EventOwner, range: EventRange): Generator<EventEntry> {
    for (const [id, timestamp, stream] of this.#rows(ENTRY, owner, range)) yield { id, timestamp, stream };
  }

  #rows(columns: string, { kind, id }: EventOwner, range: EventRange): Iterable<Row> {
    const { from, least, most, backward } = range;
    const key = `${columns} ${kind} ${backward}`;
    let statement = this.#statements.get(key);
    if (statement === undefined) {
      // One lower and one upper bound: with a third, SQLite would begin at the time of the range, not at that of the position.
      const bounds = backward
        ? "(timestamp, id) < (:timestamp, :id) AND timestamp >= :bound ORDER BY timestamp DESC, id DESC"
        : "(timestamp, id) > (:timestamp, :id) AND timestamp <= :bound ORDER BY timestamp, id";
      statement = this.#database.prepare(
        `SELECT ${columns} FROM log_event INDEXED BY ${INDEX[kind]} WHERE ${kind} = :owner AND ${bounds}`,
      );
      statement.setReturnArrays(true);
      this.#statements.set(key, statement);
    }
    const end = backward ? { timestamp: most, id: Number.MAX_SAFE_INTEGER } : { timestamp: least, id: -1 };
    const isFurther = from !== undefined && (backward ? from.timestamp <= end.timestamp : from.timestamp >= end.timestamp);
    const begin = isFurther ? from : end;
    const rows: unknown = statement.iterate({
      owner: id,
      timestamp: begin.timestamp,
      id: begin.id,
      bound: backward ? least : most,
    });
    // setReturnArrays is on, which the types of node:sqlite do not express.
    return rows as Iterable<Row>;
  }
}

type Row = readonly [id: number, timestamp: number, stream: number, ingested: number, message: string];

function toEvent([id, timestamp, stream, ingested, message]: Row): StoredEvent {
  return { id, timestamp, stream, ingested, message };
}
