import type { DatabaseSync } from "node:sqlite";

/**
 * Throws where SQLite opened the file, or its shared memory, for reading alone: that it does without a word where it cannot for
 * writing, were it only for that moment, and every write would fail from then on. Writes nothing: it passes on a full disk.
 */
export function requireWritable(database: DatabaseSync, path: string): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() ?? {};
  try {
    database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${Number(version)}; ROLLBACK`);
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK");
    const { message, code } = cause as NodeJS.ErrnoException;
    throw Object.assign(new Error(`${path} cannot be written: ${message}`, { cause }), { code });
  }
}
