import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Checksum, StoredPart, StoredUpload, Stretch, Tags } from "./stored.ts";

type Row = Record<string, SQLOutputValue>;

/** Multipart uploads under way and the parts that they have. */
export class UploadTable {
  readonly #get: StatementSync;
  readonly #range: StatementSync;
  readonly #create: StatementSync;
  readonly #remove: StatementSync;
  readonly #part: StatementSync;
  readonly #parts: StatementSync;
  readonly #putPart: StatementSync;
  readonly #removeParts: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare("SELECT * FROM upload WHERE id = ?");
    this.#range = database.prepare(
      "SELECT * FROM upload WHERE bucket = ?1 AND key >= max(?2, ?4, ?5) AND (+key > ?2 OR id > ?3) ORDER BY key, id",
    );
    this.#create = database.prepare("INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#remove = database.prepare("DELETE FROM upload WHERE id = ?");
    this.#part = database.prepare("SELECT * FROM part WHERE upload = ? AND number = ?");
    this.#parts = database.prepare("SELECT * FROM part WHERE upload = ? AND number > ? ORDER BY number");
    this.#putPart = database.prepare("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?)");
    this.#removeParts = database.prepare("DELETE FROM part WHERE upload = ?");
  }

  get(id: string): StoredUpload | undefined {
    const row = this.#get.get(id);
    return row === undefined ? undefined : uploadOf(row);
  }

  /**
   * Uploads in the order of their keys, then of their age: those whose key is not before any of `from` and after `after`, and of
   * `after` itself those with an id after `afterId`.
   */
  *range(
    bucket: string,
    after: string,
    afterId: string,
    ...[first = "", second = ""]: readonly string[]
  ): Iterable<StoredUpload> {
    for (const row of this.#range.iterate(bucket, after, afterId, first, second)) yield uploadOf(row);
  }

  create(upload: StoredUpload): void {
    const { id, bucket, key, created, headers, tags, checksum } = upload;
    this.#create.run(id, bucket, key, created, JSON.stringify(headers), JSON.stringify(tags), orNull(checksum));
  }

  /** In the order of their numbers, from the one after `after`. */
  parts(id: string, after = 0): readonly StoredPart[] {
    return this.#parts.all(id, after).map(partOf);
  }

  /** Answers the stretches of the part that stood there before. */
  putPart(id: string, part: StoredPart): readonly Stretch[] {
    const old = this.#part.get(id, part.number);
    this.#putPart.run(id, part.number, JSON.stringify(part.body), part.etag, part.modified, orNull(part.checksum));
    return old === undefined ? [] : [partOf(old).body];
  }

  /** Forgets upload and parts; answers the stretches of all parts. */
  remove(id: string): readonly Stretch[] {
    const parts = this.parts(id);
    this.#removeParts.run(id);
    this.#remove.run(id);
    return parts.map((part) => part.body);
  }
}

function orNull(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function uploadOf(row: Row): StoredUpload {
  return {
    id: String(row["id"]),
    bucket: String(row["bucket"]),
    key: String(row["key"]),
    created: Number(row["created"]),
    headers: JSON.parse(String(row["headers"])) as Record<string, string>,
    tags: JSON.parse(String(row["tags"])) as Tags,
    checksum: row["checksum"] === null ? undefined : (JSON.parse(String(row["checksum"])) as Checksum),
  };
}

function partOf(row: Row): StoredPart {
  return {
    number: Number(row["number"]),
    body: JSON.parse(String(row["body"])) as Stretch,
    etag: String(row["etag"]),
    modified: Number(row["modified"]),
    checksum: row["checksum"] === null ? undefined : (JSON.parse(String(row["checksum"])) as Checksum),
  };
}
