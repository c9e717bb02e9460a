import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../../base/in-transaction.ts";
import { requireWritable } from "../../base/require-writable.ts";
import { BodyFiles } from "./body-files.ts";
import { BucketTable } from "./bucket-table.ts";
import { ObjectTable } from "./object-table.ts";
import { prepareSchema } from "./schema.ts";
import type { Stretch } from "./stored.ts";
import { UploadTable } from "./upload-table.ts";

/** Files of bodies that something still names. */
const NAMED_FILES = `
SELECT json_extract(stretch.value, '$.file') AS file FROM object, json_each(object.body) AS stretch
UNION ALL SELECT json_extract(part.body, '$.file') FROM part`;

/**
 * Buckets, objects and uploads on the disk: facts in SQLite, bytes in files. A file is there before a row names it and goes
 * after the row is gone, so a crash leaves at most files that nothing names; they are swept at the next start.
 */
export class S3Store {
  readonly buckets: BucketTable;
  readonly objects: ObjectTable;
  readonly uploads: UploadTable;
  readonly files: BodyFiles;
  /** Files that a crash had left behind. */
  readonly swept: number;
  readonly #database: DatabaseSync;
  readonly #mark: string;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, "s3.sqlite");
    this.#database = new DatabaseSync(path);
    prepareSchema(this.#database);
    requireWritable(this.#database, path);
    this.buckets = new BucketTable(this.#database);
    this.objects = new ObjectTable(this.#database);
    this.uploads = new UploadTable(this.#database);
    this.files = new BodyFiles(join(directory, "bodies"));
    this.#mark = join(directory, "open");
    this.swept = existsSync(this.#mark) ? this.files.sweep(this.#namedFiles()) : 0;
    writeFileSync(this.#mark, "");
  }

  /** All of `change` or none of it, durable when this returns. */
  transaction<Result>(change: () => Result): Result {
    return inTransaction(this.#database, change);
  }

  /** A transaction that answers the files that nothing names any more; they go once it is durable. */
  release(change: () => readonly Stretch[]): void {
    this.files.remove(this.transaction(change));
  }

  close(): void {
    this.#database.close();
    rmSync(this.#mark, { force: true });
  }

  #namedFiles(): ReadonlySet<string> {
    const named = new Set<string>();
    for (const row of this.#database.prepare(NAMED_FILES).iterate()) named.add(String(row["file"]));
    return named;
  }
}
