import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Checksum, StoredObject, Stretch, Tags } from "./stored.ts";

type Row = Record<string, SQLOutputValue>;

/** What is known of every object. Replacing or removing one answers the stretches that nobody needs any more. */
export class ObjectTable {
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #range: StatementSync;
  readonly #tag: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare("SELECT * FROM object WHERE bucket = ? AND key = ?");
    this.#put = database.prepare("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#remove = database.prepare("DELETE FROM object WHERE bucket = ? AND key = ?");
    // The plus keeps SQLite from beginning at `after` where a later bound is given.
    this.#range = database.prepare(
      "SELECT * FROM object WHERE bucket = ?1 AND key >= max(?2, ?3, ?4) AND +key > ?2 ORDER BY key",
    );
    this.#tag = database.prepare("UPDATE object SET tags = ? WHERE bucket = ? AND key = ?");
  }

  get(bucket: string, key: string): StoredObject | undefined {
    const row = this.#get.get(bucket, key);
    return row === undefined ? undefined : fromRow(row);
  }

  put(object: StoredObject): readonly Stretch[] {
    const old = this.get(object.bucket, object.key);
    this.#put.run(
      object.bucket,
      object.key,
      JSON.stringify(object.body),
      object.size,
      object.etag,
      object.modified,
      JSON.stringify(object.headers),
      JSON.stringify(object.tags),
      object.checksum === undefined ? null : JSON.stringify(object.checksum),
    );
    return old?.body ?? [];
  }

  remove(bucket: string, key: string): readonly Stretch[] {
    const old = this.get(bucket, key);
    if (old !== undefined) this.#remove.run(bucket, key);
    return old?.body ?? [];
  }

  setTags(bucket: string, key: string, tags: Tags): void {
    this.#tag.run(JSON.stringify(tags), bucket, key);
  }

  /** Objects whose key is after `after` and not before any of `from`, in the order of their keys, read as they are asked for. */
  *range(bucket: string, after: string, ...[first = "", second = ""]: readonly string[]): Iterable<StoredObject> {
    for (const row of this.#range.iterate(bucket, after, first, second)) yield fromRow(row);
  }

  isEmpty(bucket: string): boolean {
    for (const _object of this.range(bucket, "")) return false;
    return true;
  }
}

function fromRow(row: Row): StoredObject {
  return {
    bucket: String(row["bucket"]),
    key: String(row["key"]),
    body: JSON.parse(String(row["body"])) as Stretch[],
    size: Number(row["size"]),
    etag: String(row["etag"]),
    modified: Number(row["modified"]),
    headers: JSON.parse(String(row["headers"])) as Record<string, string>,
    tags: JSON.parse(String(row["tags"])) as Tags,
    checksum: row["checksum"] === null ? undefined : (JSON.parse(String(row["checksum"])) as Checksum),
  };
}
