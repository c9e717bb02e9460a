import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** All rows of all tables, as text; what SQLite says of it where it cannot be read. The file itself is not touched. */
export function databaseContent(path: string): string {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-content-"));
  const copy = join(directory, basename(path));
  for (const suffix of ["", "-wal"]) if (existsSync(path + suffix)) cpSync(path + suffix, copy + suffix);
  try {
    const database = new DatabaseSync(copy);
    try {
      const tables = database.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all();
      const rows = tables
        .filter(({ sql }) => String(sql).startsWith("CREATE TABLE"))
        .map(({ name }) => database.prepare(`SELECT * FROM "${String(name)}"`).all());
      return JSON.stringify([tables, rows], (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
      );
    } finally {
      database.close();
    }
  } catch (error) {
    return String(error);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
