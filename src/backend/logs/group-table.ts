import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { StoredGroup, Tags } from "./stored.ts";

export interface GroupQuery {
  readonly prefix: string;
  /** Stands somewhere in the name. */
  readonly pattern: string;
  readonly class: string | undefined;
  /** Names of those that may be listed; undefined for all. */
  readonly names: readonly string[] | undefined;
  readonly after: string;
  readonly limit: number;
}

/** Names sort by their octets, as CloudWatch Logs sorts them. */
export class GroupTable {
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #create: StatementSync;
  readonly #remove: StatementSync;
  readonly #retention: StatementSync;
  readonly #tags: StatementSync;
  readonly #bytes: StatementSync;
  readonly #expiring: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare("SELECT * FROM log_group WHERE name = ?");
    this.#list = database.prepare(
      `SELECT * FROM log_group WHERE name > :after AND name >= :prefix AND substr(name, 1, length(:prefix)) = :prefix
       AND instr(name, :pattern) > 0 AND (:class IS NULL OR class = :class)
       AND (:names IS NULL OR name IN (SELECT value FROM json_each(:names))) ORDER BY name LIMIT :limit`,
    );
    this.#create = database.prepare("INSERT INTO log_group (name, created, class, kms, tags) VALUES (?, ?, ?, ?, ?)");
    this.#remove = database.prepare("DELETE FROM log_group WHERE id = ?");
    this.#retention = database.prepare("UPDATE log_group SET retention = ? WHERE id = ?");
    this.#tags = database.prepare("UPDATE log_group SET tags = ? WHERE id = ?");
    this.#bytes = database.prepare("UPDATE log_group SET bytes = max(0, bytes + ?) WHERE id = ?");
    this.#expiring = database.prepare("SELECT * FROM log_group WHERE retention IS NOT NULL");
  }

  get(name: string): StoredGroup | undefined {
    const row = this.#get.get(name);
    return row === undefined ? undefined : fromRow(row);
  }

  list({ prefix, pattern, class: wanted, names, after, limit }: GroupQuery): readonly StoredGroup[] {
    const list = names === undefined ? null : JSON.stringify(names);
    return this.#list.all({ prefix, pattern, class: wanted ?? null, names: list, after, limit }).map(fromRow);
  }

  create({ name, created, class: kind, kms, tags }: Pick<StoredGroup, "name" | "created" | "class" | "kms" | "tags">): void {
    this.#create.run(name, created, kind, kms ?? null, JSON.stringify(tags));
  }

  remove(id: number): void {
    this.#remove.run(id);
  }

  setRetention(id: number, days: number | undefined): void {
    this.#retention.run(days ?? null, id);
  }

  setTags(id: number, tags: Tags): void {
    this.#tags.run(JSON.stringify(tags), id);
  }

  addBytes(id: number, bytes: number): void {
    this.#bytes.run(bytes, id);
  }

  withRetention(): readonly StoredGroup[] {
    return this.#expiring.all().map(fromRow);
  }
}

function fromRow(row: Record<string, SQLOutputValue>): StoredGroup {
  return {
    id: Number(row["id"]),
    name: String(row["name"]),
    created: Number(row["created"]),
    class: String(row["class"]),
    kms: row["kms"] === null ? undefined : String(row["kms"]),
    retention: row["retention"] === null ? undefined : Number(row["retention"]),
    tags: JSON.parse(String(row["tags"])) as Tags,
    bytes: Number(row["bytes"]),
  };
}
