import type { DatabaseSync } from "node:sqlite";

/** A delivered log file of which the trail's topic is to hear. */
export interface Announcement {
  /** Grows in the order of delivery. */
  readonly id: number;
  readonly trailId: string;
  /** Of the events in the file: the one whose status shows what came of it. */
  readonly region: string;
  /** ARN */
  readonly topic: string;
  readonly bucket: string;
  readonly key: string;
  /** Epoch milliseconds. */
  readonly deliveredAt: number;
}

/**
 * What topics have not heard of yet. A row is written in the transaction that marks its file as delivered. Whoever publishes
 * reads `waiting` when `onAdded` calls and at the start, and calls `done` with what was published or is given up; a crash in
 * between publishes twice.
 */
export class Announcements {
  readonly #database: DatabaseSync;
  readonly #listeners = new Set<() => void>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Within a transaction; call `added` once that is durable. */
  insert({ trailId, region, topic, bucket, key, deliveredAt }: Omit<Announcement, "id">): void {
    this.#database
      .prepare("INSERT INTO announcements (trail, region, topic, bucket, key, delivered_at) VALUES (?, ?, ?, ?, ?, ?)")
      .run(trailId, region, topic, bucket, key, deliveredAt);
  }

  added(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener`, which MUST NOT throw, when there is something new, until the function that it gives is called. */
  onAdded(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Trails with something to announce. */
  trails(): readonly string[] {
    return this.#database
      .prepare("SELECT DISTINCT trail FROM announcements")
      .all()
      .map((row) => String(row["trail"]));
  }

  /** A trail's, oldest first. */
  waiting(trailId: string, limit: number): readonly Announcement[] {
    return this.#database
      .prepare("SELECT * FROM announcements WHERE trail = ? ORDER BY id LIMIT ?")
      .all(trailId, limit)
      .map((row) => ({
        id: Number(row["id"]),
        trailId: String(row["trail"]),
        region: String(row["region"]),
        topic: String(row["topic"]),
        bucket: String(row["bucket"]),
        key: String(row["key"]),
        deliveredAt: Number(row["delivered_at"]),
      }));
  }

  /** Durable when it returns. */
  done(ids: readonly number[]): void {
    if (ids.length === 0) return;
    this.#database.prepare("DELETE FROM announcements WHERE id IN (SELECT value FROM json_each(?))").run(JSON.stringify(ids));
  }
}
