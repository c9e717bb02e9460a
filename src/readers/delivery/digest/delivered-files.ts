import type { DatabaseSync, StatementSync } from "node:sqlite";

/** One log file that its destination has acknowledged. */
export interface DeliveredFile {
  readonly trailId: string;
  /** Of the events in it. */
  readonly account: string;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  /** SHA-256 of the content before compression, lower-case hex. */
  readonly hash: string;
  /** `eventTime` of the newest and of the oldest event, epoch seconds. */
  readonly newest: number;
  readonly oldest: number;
  /** When the destination acknowledged it, epoch milliseconds. */
  readonly deliveredAt: number;
}

/** A file as it stands in a digest. */
export type DigestedFile = Pick<DeliveredFile, "bucket" | "key" | "hash" | "newest" | "oldest" | "deliveredAt"> & {
  readonly id: number;
};

/** Whose files go into one chain: those of all trails that have had this ARN. */
export interface FileOwner {
  readonly trailArn: string;
  readonly account: string;
  readonly region: string;
}

/**
 * The log files of trails that wait for their digest. Delivery adds a file in the transaction that marks it delivered; the
 * digest takes it in the transaction that stores the digest: so each file is in exactly one, whatever crashes between.
 */
export class DeliveredFiles {
  readonly #add: StatementSync;
  readonly #waiting: StatementSync;
  readonly #take: StatementSync;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`
      CREATE TABLE IF NOT EXISTS delivered_files (
        id INTEGER PRIMARY KEY AUTOINCREMENT, trail TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
        bucket TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, newest INTEGER NOT NULL, oldest INTEGER NOT NULL,
        delivered_at INTEGER NOT NULL, digest INTEGER
      ) STRICT;
      CREATE INDEX IF NOT EXISTS delivered_files_waiting ON delivered_files (account, region, trail, id) WHERE digest IS NULL;
      CREATE INDEX IF NOT EXISTS delivered_files_digest ON delivered_files (digest) WHERE digest IS NOT NULL;
      CREATE TABLE IF NOT EXISTS digest_trails (trail TEXT PRIMARY KEY, arn TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `);
    this.#add = database.prepare(
      "INSERT INTO delivered_files (trail, account, region, bucket, key, hash, newest, oldest, delivered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#waiting = database.prepare(`
      SELECT id, bucket, key, hash, newest, oldest, delivered_at FROM delivered_files
      WHERE digest IS NULL AND account = ? AND region = ? AND trail IN (SELECT trail FROM digest_trails WHERE arn = ?)
        AND (delivered_at < ? OR delivered_at > ?)
      ORDER BY id LIMIT ?`);
    this.#take = database.prepare("UPDATE delivered_files SET digest = ? WHERE id = ? AND digest IS NULL");
  }

  /** Within the caller's transaction. */
  add(file: DeliveredFile): void {
    const { trailId, account, region, bucket, key, hash, newest, oldest, deliveredAt } = file;
    this.#add.run(trailId, account, region, bucket, key, hash, newest, oldest, deliveredAt);
  }

  /** From now on the files of this trail belong to the chains of this ARN. */
  own(trailId: string, arn: string): void {
    this.#database.prepare("INSERT INTO digest_trails VALUES (?, ?) ON CONFLICT DO NOTHING").run(trailId, arn);
  }

  /**
   * Files without a digest that were delivered before `before`, or, by a clock that has been set back since, after `beyond`
   * (epoch milliseconds): at most `limit`, in the order of their delivery.
   */
  waiting(owner: FileOwner, before: number, beyond: number, limit: number): readonly DigestedFile[] {
    const rows = this.#waiting.all(owner.account, owner.region, owner.trailArn, before, beyond, limit);
    return rows.map((row) => ({
      id: Number(row["id"]),
      bucket: String(row["bucket"]),
      key: String(row["key"]),
      hash: String(row["hash"]),
      newest: Number(row["newest"]),
      oldest: Number(row["oldest"]),
      deliveredAt: Number(row["delivered_at"]),
    }));
  }

  /** The chains that files wait for. */
  owners(): readonly FileOwner[] {
    return this.#database
      .prepare(
        "SELECT DISTINCT arn, account, region FROM delivered_files JOIN digest_trails USING (trail) WHERE digest IS NULL ORDER BY 1, 2, 3",
      )
      .all()
      .map((row) => ({ trailArn: String(row["arn"]), account: String(row["account"]), region: String(row["region"]) }));
  }

  take(files: readonly DigestedFile[], digestId: number): void {
    for (const { id } of files) this.#take.run(digestId, id);
  }

  /** The digest has been delivered: its files need not be known any more. */
  forget(digestId: number): void {
    this.#database.prepare("DELETE FROM delivered_files WHERE digest = ?").run(digestId);
  }

  newestId(): number {
    return Number(this.#database.prepare("SELECT max(id) AS id FROM delivered_files").get()?.["id"] ?? 0);
  }

  /** Drops files up to `upTo` that no chain will take: of trails without validation. */
  dropUnclaimed(upTo: number): void {
    this.#database
      .prepare(
        `DELETE FROM delivered_files WHERE digest IS NULL AND id <= ? AND trail NOT IN (
          SELECT trail FROM digest_trails WHERE arn IN (SELECT trail_arn FROM digest_chains WHERE state <> 'ended'))`,
      )
      .run(upTo);
  }
}
