import { DatabaseSync } from "node:sqlite";
import { HistoryCorrupt, HistoryUnavailable } from "./history.ts";

/** "OTH1" in the header of every file of the history. */
const APPLICATION_ID = 0x4f54_4831;
const VERSION = 1;

/**
 * Opens a file of the history, made where it is not there. A commit survives a power cut (`synchronous=FULL`). The file is
 * this process's alone: a second process on the same directory is refused instead of writing into it.
 */
export function openDatabase(path: string, schema: string, cacheKilobytes: number): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec(`
      PRAGMA busy_timeout = 0;
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -${cacheKilobytes};
      PRAGMA wal_autocheckpoint = 2000;
      PRAGMA journal_size_limit = 16777216;
    `);
    const version = pragma(database, "user_version");
    if (version === 0) {
      database.exec(`BEGIN IMMEDIATE; ${schema}
        PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}; COMMIT`);
    } else if (version !== VERSION || pragma(database, "application_id") !== APPLICATION_ID) {
      throw new HistoryCorrupt(`${path} is not an event history of format ${VERSION} (it says ${version})`);
    }
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof HistoryCorrupt) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (BROKEN.has(errorCode(cause))) throw new HistoryCorrupt(`${path} is broken: ${reason}`, { cause });
    throw new HistoryUnavailable(`${path} could not be opened: ${reason}`, { cause });
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const BROKEN: ReadonlySet<unknown> = new Set([11, 26]);

function errorCode(error: unknown): unknown {
  return error instanceof Error && "errcode" in error ? error.errcode : undefined;
}

/** Runs `work` in one transaction; whatever it throws leaves the file as it was. */
export function transaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name] ?? 0);
}
