import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../../../../base/in-transaction.ts";

/**
 * 1: trails alone, which nothing was delivered for. 2: trails and their revisions.
 */
const FORMAT = 2;

const TABLES = `
  CREATE TABLE IF NOT EXISTS trails (
    account TEXT NOT NULL, home_region TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL,
    PRIMARY KEY (account, home_region, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS revisions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, trail TEXT NOT NULL, after INTEGER NOT NULL, request TEXT NOT NULL,
    removed INTEGER NOT NULL, settings TEXT NOT NULL
  ) STRICT;
`;

/** Makes the tables, and brings a file of an older format to this one. Throws for a format that only a later program knows. */
export function prepareTrailFile(database: DatabaseSync, path: string): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000");
  const format = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (format > FORMAT) throw new Error(`${path} is of format ${format}; this program knows format ${FORMAT}`);
  // Not every time: it is a write, which a full disk refuses.
  if (format === FORMAT) return;
  inTransaction(database, () => {
    database.exec(TABLES);
    if (format === 1) addRevisions(database);
    database.exec(`PRAGMA user_version = ${FORMAT}`);
  });
}

/** Trails of format 1 never logged: each gets an id, and one revision, from the journal's beginning on. */
function addRevisions(database: DatabaseSync): void {
  const set = database.prepare("UPDATE trails SET settings = ? WHERE account = ? AND home_region = ? AND name = ?");
  const add = database.prepare("INSERT INTO revisions (trail, after, request, removed, settings) VALUES (?, 0, '', 0, ?)");
  const rows = database.prepare("SELECT * FROM trails ORDER BY account, home_region, name").all();
  for (const { account = null, home_region = null, name = null, settings } of rows) {
    const id = randomUUID();
    const trail = JSON.stringify({ id, ...(JSON.parse(String(settings)) as object), logging: false });
    set.run(trail, account, home_region, name);
    add.run(id, trail);
  }
}
