import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { StoredStream } from "./stored.ts";

export interface StreamQuery {
  readonly prefix: string;
  readonly byTime: boolean;
  readonly descending: boolean;
  /** The last stream of the page before. */
  readonly after: { readonly name: string; readonly lastEvent: number } | undefined;
  readonly limit: number;
}

export class StreamTable {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #named: StatementSync;
  readonly #withPrefix: StatementSync;
  readonly #create: StatementSync;
  readonly #remove: StatementSync;
  readonly #removeAll: StatementSync;
  readonly #markDeleted: StatementSync;
  readonly #markAllDeleted: StatementSync;
  readonly #written: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#get = database.prepare("SELECT * FROM log_stream WHERE log_group = ? AND name = ?");
    this.#named = database.prepare("SELECT name FROM log_stream WHERE id = ?");
    this.#withPrefix = database.prepare(
      "SELECT id FROM log_stream WHERE log_group = :group AND name >= :prefix AND substr(name, 1, length(:prefix)) = :prefix",
    );
    this.#create = database.prepare("INSERT INTO log_stream (log_group, name, created) VALUES (?, ?, ?)");
    this.#remove = database.prepare("DELETE FROM log_stream WHERE id = ?");
    this.#removeAll = database.prepare("DELETE FROM log_stream WHERE log_group = ?");
    this.#markDeleted = database.prepare("INSERT INTO deleted_stream (id) VALUES (?)");
    this.#markAllDeleted = database.prepare("INSERT INTO deleted_stream (id) SELECT id FROM log_stream WHERE log_group = ?");
    this.#written = database.prepare(
      `UPDATE log_stream SET first_event = iif(first_event = 0, :first, min(first_event, :first)),
       last_event = max(last_event, :last), ingested = :ingested WHERE id = :id`,
    );
  }

  get(group: number, name: string): StoredStream | undefined {
    const row = this.#get.get(group, name);
    return row === undefined ? undefined : fromRow(row);
  }

  /** Undefined for a stream that has been deleted. */
  nameOf(id: number): string | undefined {
    const row = this.#named.get(id);
    return row === undefined ? undefined : String(row["name"]);
  }

  /** Ids of the group's streams whose names begin so. */
  withPrefix(group: number, prefix: string): readonly number[] {
    return this.#withPrefix.all({ group, prefix }).map((row) => Number(row["id"]));
  }

  list(group: number, { prefix, byTime, descending, after, limit }: StreamQuery): readonly StoredStream[] {
    const direction = descending ? "DESC" : "ASC";
    const order = byTime ? `last_event ${direction}, name ${direction}` : `name ${direction}`;
    const where = ["log_group = :group"];
    const values: Record<string, SQLInputValue> = { group, limit };
    if (prefix !== "") {
      where.push("name >= :prefix AND substr(name, 1, length(:prefix)) = :prefix");
      values["prefix"] = prefix;
    }
    if (after !== undefined) {
      const further = descending ? "<" : ">";
      where.push(byTime ? `(last_event, name) ${further} (:lastEvent, :name)` : `name ${further} :name`);
      values["name"] = after.name;
      if (byTime) values["lastEvent"] = after.lastEvent;
    }
    const sql = `SELECT * FROM log_stream WHERE ${where.join(" AND ")} ORDER BY ${order} LIMIT :limit`;
    return this.#database.prepare(sql).all(values).map(fromRow);
  }

  create(group: number, name: string, created: number): void {
    this.#create.run(group, name, created);
  }

  /** Its events are left for the sweeper. */
  remove(id: number): void {
    this.#markDeleted.run(id);
    this.#remove.run(id);
  }

  removeAll(group: number): void {
    this.#markAllDeleted.run(group);
    this.#removeAll.run(group);
  }

  written(id: number, first: number, last: number, ingested: number): void {
    this.#written.run({ id, first, last, ingested });
  }
}

function fromRow(row: Record<string, SQLOutputValue>): StoredStream {
  const time = (name: string): number | undefined => Number(row[name]) || undefined;
  return {
    id: Number(row["id"]),
    name: String(row["name"]),
    created: Number(row["created"]),
    firstEvent: time("first_event"),
    lastEvent: time("last_event"),
    ingested: time("ingested"),
  };
}
