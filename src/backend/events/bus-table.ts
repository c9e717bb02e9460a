import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Place } from "../places.ts";
import type { EventBus } from "./event-bus.ts";

type Row = Record<string, SQLOutputValue>;

/** Event buses but the default one. */
export class BusTable {
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #delete: StatementSync;
  readonly #count: StatementSync;

  constructor(database: DatabaseSync) {
    this.#put = database.prepare("INSERT INTO bus (account, region, name, description, created) VALUES (?, ?, ?, ?, ?)");
    this.#get = database.prepare("SELECT * FROM bus WHERE account = ? AND region = ? AND name = ?");
    this.#list = database.prepare("SELECT * FROM bus WHERE account = ? AND region = ? AND name > ? ORDER BY name");
    this.#delete = database.prepare("DELETE FROM bus WHERE account = ? AND region = ? AND name = ?");
    this.#count = database.prepare("SELECT count(*) AS count FROM bus WHERE account = ? AND region = ?");
  }

  insert({ accountId, region }: Place, bus: EventBus): void {
    this.#put.run(accountId, region, bus.name, bus.description ?? null, bus.createdAt ?? 0);
  }

  get({ accountId, region }: Place, name: string): EventBus | undefined {
    const row = this.#get.get(accountId, region, name);
    return row === undefined ? undefined : busOf(row);
  }

  /** In the order of their names, behind `after`. */
  list({ accountId, region }: Place, after = ""): readonly EventBus[] {
    return this.#list.all(accountId, region, after).map(busOf);
  }

  delete({ accountId, region }: Place, name: string): void {
    this.#delete.run(accountId, region, name);
  }

  count({ accountId, region }: Place): number {
    return Number(this.#count.get(accountId, region)?.["count"]);
  }
}

function busOf(row: Row): EventBus {
  const { description } = row;
  return {
    name: String(row["name"]),
    createdAt: Number(row["created"]),
    ...(description === null ? {} : { description: String(description) }),
  };
}
