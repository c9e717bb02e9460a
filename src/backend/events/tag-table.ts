import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Tags of rules and buses, by their ARN. */
export class TagTable {
  readonly #put: StatementSync;
  readonly #list: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteAll: StatementSync;

  constructor(database: DatabaseSync) {
    this.#put = database.prepare(
      "INSERT INTO tag (arn, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    );
    this.#list = database.prepare("SELECT key, value FROM tag WHERE arn = ? ORDER BY key");
    this.#delete = database.prepare("DELETE FROM tag WHERE arn = ? AND key = ?");
    this.#deleteAll = database.prepare("DELETE FROM tag WHERE arn = ?");
  }

  put(arn: string, tags: ReadonlyMap<string, string>): void {
    for (const [key, value] of tags) this.#put.run(arn, key, value);
  }

  list(arn: string): ReadonlyMap<string, string> {
    return new Map(this.#list.all(arn).map(({ key, value }) => [String(key), String(value)]));
  }

  delete(arn: string, keys: readonly string[]): void {
    for (const key of keys) this.#delete.run(arn, key);
  }

  deleteAll(arn: string): void {
    this.#deleteAll.run(arn);
  }
}
