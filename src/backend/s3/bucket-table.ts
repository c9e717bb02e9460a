import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { StoredBucket, Tags } from "./stored.ts";

export class BucketTable {
  readonly #get: StatementSync;
  readonly #all: StatementSync;
  readonly #create: StatementSync;
  readonly #remove: StatementSync;
  readonly #policy: StatementSync;
  readonly #tags: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare("SELECT * FROM bucket WHERE name = ?");
    this.#all = database.prepare("SELECT * FROM bucket WHERE name > ? AND name >= ? ORDER BY name");
    this.#create = database.prepare("INSERT INTO bucket (name, region, created) VALUES (?, ?, ?)");
    this.#remove = database.prepare("DELETE FROM bucket WHERE name = ?");
    this.#policy = database.prepare("UPDATE bucket SET policy = ? WHERE name = ?");
    this.#tags = database.prepare("UPDATE bucket SET tags = ? WHERE name = ?");
  }

  get(name: string): StoredBucket | undefined {
    const row = this.#get.get(name);
    return row === undefined ? undefined : fromRow(row);
  }

  /** In the order of their names, those after `after` that begin with `prefix`. */
  list(after = "", prefix = ""): readonly StoredBucket[] {
    return this.#all
      .all(after, prefix)
      .map(fromRow)
      .filter((bucket) => bucket.name.startsWith(prefix));
  }

  create(name: string, region: string, created: number): void {
    this.#create.run(name, region, created);
  }

  remove(name: string): void {
    this.#remove.run(name);
  }

  setPolicy(name: string, policy: string | undefined): void {
    this.#policy.run(policy ?? null, name);
  }

  setTags(name: string, tags: Tags | undefined): void {
    this.#tags.run(tags === undefined ? null : JSON.stringify(tags), name);
  }
}

function fromRow(row: Record<string, SQLOutputValue>): StoredBucket {
  return {
    name: String(row["name"]),
    region: String(row["region"]),
    created: Number(row["created"]),
    policy: row["policy"] === null ? undefined : String(row["policy"]),
    tags: row["tags"] === null ? undefined : (JSON.parse(String(row["tags"])) as Tags),
  };
}
