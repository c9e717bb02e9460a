import type { DatabaseSync, StatementSync } from "node:sqlite";
import { EVENT_OVERHEAD } from "./event-size.ts";
import type { NewEvent } from "./stored.ts";

/** Writes and removes events; `EventReader` reads them. */
export class EventTable {
  readonly #add: StatementSync;
  readonly #expire: StatementSync;
  readonly #expired: StatementSync;
  readonly #someDeleted: StatementSync;
  readonly #deleted: StatementSync;
  readonly #deleteSome: StatementSync;
  readonly #swept: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      "INSERT INTO log_event (log_group, stream, timestamp, ingested, message) VALUES (?, ?, ?, ?, ?)",
    );
    this.#expired = database.prepare(
      `SELECT coalesce(sum(octet_length(message) + ${EVENT_OVERHEAD}), 0) AS bytes, count(*) AS count FROM
       (SELECT message FROM log_event INDEXED BY event_of_group WHERE log_group = ? AND timestamp < ?
        ORDER BY timestamp, id LIMIT ?)`,
    );
    this.#expire = database.prepare(
      `DELETE FROM log_event WHERE id IN
       (SELECT id FROM log_event INDEXED BY event_of_group WHERE log_group = ? AND timestamp < ? ORDER BY timestamp, id LIMIT ?)`,
    );
    this.#someDeleted = database.prepare("SELECT id FROM deleted_stream LIMIT 1");
    this.#deleted = database.prepare(
      `SELECT coalesce(sum(octet_length(message) + ${EVENT_OVERHEAD}), 0) AS bytes, count(*) AS count, max(log_group) AS owner FROM
       (SELECT message, log_group FROM log_event INDEXED BY event_of_stream WHERE stream = ? ORDER BY timestamp, id LIMIT ?)`,
    );
    this.#deleteSome = database.prepare(
      `DELETE FROM log_event WHERE id IN
       (SELECT id FROM log_event INDEXED BY event_of_stream WHERE stream = ? ORDER BY timestamp, id LIMIT ?)`,
    );
    this.#swept = database.prepare("DELETE FROM deleted_stream WHERE id = ?");
  }

  add(group: number, stream: number, ingested: number, events: readonly NewEvent[]): void {
    for (const { timestamp, message } of events) this.#add.run(group, stream, timestamp, ingested, message);
  }

  /** Removes at most `most` events of before `time`; answers how many there were and what they counted. */
  expire(group: number, time: number, most: number): { readonly count: number; readonly bytes: number } {
    const row = this.#expired.get(group, time, most);
    const count = Number(row?.["count"] ?? 0);
    if (count > 0) this.#expire.run(group, time, most);
    return { count, bytes: Number(row?.["bytes"] ?? 0) };
  }

  /** Removes at most `most` events of one deleted stream; undefined when there is none to be swept. */
  sweep(most: number): { readonly group: number; readonly bytes: number } | undefined {
    const stream = this.#someDeleted.get()?.["id"];
    if (stream === undefined) return undefined;
    const row = this.#deleted.get(stream, most);
    this.#deleteSome.run(stream, most);
    if (Number(row?.["count"] ?? 0) < most) this.#swept.run(stream);
    return { group: Number(row?.["owner"] ?? 0), bytes: Number(row?.["bytes"] ?? 0) };
  }
}
