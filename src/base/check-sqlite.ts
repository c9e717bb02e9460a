import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

/** Lines of SQLite's report that are of use. */
const MOST = 20;

/**
 * Opens a SQLite file that nobody writes to, without changing it. One that has no log is read as it lies there, which works
 * on a read-only disk as well. Throws SQLite's errors.
 */
export function openSqliteToRead(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  const log = `${path}-wal`;
  if (!existsSync(log) || statSync(log).size === 0) url.searchParams.set("immutable", "1");
  return new DatabaseSync(url, { readOnly: true });
}

/**
 * What SQLite finds wrong with the structure of a file, empty where it is sound. SQLite keeps no checksums: what was changed
 * inside a value is for whoever knows the values to find.
 */
export function checkSqlite(path: string): readonly string[] {
  let database: DatabaseSync | undefined;
  try {
    database = openSqliteToRead(path);
    const rows = database.prepare(`PRAGMA integrity_check(${MOST})`).all();
    return rows.map((row) => String(row["integrity_check"])).filter((line) => line !== "ok");
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    database?.close();
  }
}
