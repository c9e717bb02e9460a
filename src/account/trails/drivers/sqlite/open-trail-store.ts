import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Trail } from "../../trail.ts";
import { TrailExists, type TrailKey, type TrailStore } from "../../trail-store.ts";

/**
 * Opens the trails in one SQLite file, made where it is not there. Settings stand as JSON: they are read whole, and a later
 * version may add some.
 */
export function openTrailStore(path: string): TrailStore {
  return new SqliteTrailStore(path);
}

const VERSION = 1;

class SqliteTrailStore implements TrailStore {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA busy_timeout = 2000;
      CREATE TABLE IF NOT EXISTS trails (
        account TEXT NOT NULL, home_region TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL,
        PRIMARY KEY (account, home_region, name)
      ) STRICT, WITHOUT ROWID;
    `);
    const version = Number(this.#database.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (version !== 0 && version !== VERSION) {
      this.#database.close();
      throw new Error(`${path} is of format ${version}; this program knows format ${VERSION}`);
    }
    // Not every time: it is a write, which a full disk refuses.
    if (version === 0) this.#database.exec(`PRAGMA user_version = ${VERSION}`);
  }

  async list(accountId: string): Promise<readonly Trail[]> {
    return this.#list(accountId);
  }

  async get({ accountId, homeRegion, name }: TrailKey): Promise<Trail | undefined> {
    const row = this.#database
      .prepare("SELECT settings FROM trails WHERE account = ? AND home_region = ? AND name = ?")
      .get(accountId, homeRegion, name);
    return row === undefined ? undefined : read(row["settings"]);
  }

  async add(trail: Trail, permit: (existing: readonly Trail[]) => void): Promise<void> {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      permit(this.#list(trail.accountId));
      const { changes } = this.#database
        .prepare("INSERT INTO trails VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .run(trail.accountId, trail.homeRegion, trail.name, JSON.stringify(trail));
      if (Number(changes) === 0) throw new TrailExists(`trail ${trail.name} is there already`);
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  async remove({ accountId, homeRegion, name }: TrailKey): Promise<boolean> {
    const { changes } = this.#database
      .prepare("DELETE FROM trails WHERE account = ? AND home_region = ? AND name = ?")
      .run(accountId, homeRegion, name);
    return Number(changes) > 0;
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #list(accountId: string): readonly Trail[] {
    return this.#database
      .prepare("SELECT settings FROM trails WHERE account = ? ORDER BY home_region, name")
      .all(accountId)
      .map((row) => read(row["settings"]));
  }
}

/** The file has one writer, and its rows were Trails when they were written. */
function read(settings: unknown): Trail {
  return JSON.parse(String(settings)) as Trail;
}
