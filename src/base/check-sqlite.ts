import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { checkSqliteLog } from "./check-sqlite-log.ts";
import type { Finding } from "./finding.ts";

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
 * What is wrong with a database's log, or else with the structure of its file: empty where both are sound. The file has no
 * checksums: what was changed inside a value is for whoever knows the values to find. Never throws.
 */
export function checkSqlite(path: string): readonly Omit<Finding, "remedy">[] {
  let database: DatabaseSync | undefined;
  try {
    const log = checkSqliteLog(path);
    if (log !== undefined) return [{ file: log.file, place: `offset ${log.offset}`, what: log.what }];
    database = openSqliteToRead(path);
    const rows = database.prepare(`PRAGMA integrity_check(${MOST})`).all();
    const lines = rows.map((row) => String(row["integrity_check"])).filter((line) => line !== "ok");
    return lines.map((what) => ({ file: path, what }));
  } catch (error) {
    return [{ file: path, what: error instanceof Error ? error.message : String(error) }];
  } finally {
    database?.close();
  }
}
