import { DatabaseSync } from "node:sqlite";
import { requireWritable } from "../../base/require-writable.ts";
import { HistoryCorrupt, HistoryUnavailable } from "./history.ts";

/** "OTH1" in the header of every file of the history. */
const APPLICATION_ID = 0x4f54_4831;

/** Makes a format of the one before it: SQL, or work that SQL does not do. */
export type FormatStep = string | ((database: DatabaseSync) => void);

/**
 * Opens a file of the history, made where it is not there. `steps`: its formats, from the first on; a file of an earlier
 * one is brought up to the last. A commit survives a power cut (`synchronous=FULL`). The file is
 * this process's alone: a second process on the same directory is refused instead of writing into it.
 */
export function openDatabase(path: string, steps: readonly FormatStep[], cacheKilobytes: number): DatabaseSync {
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
    if (version < 0 || version > steps.length || (version > 0 && pragma(database, "application_id") !== APPLICATION_ID)) {
      throw new HistoryCorrupt(`${path} is not an event history of format 1 to ${steps.length} (it says ${version})`);
    }
    if (version < steps.length) upgrade(database, steps, version);
    else requireWritable(database, path);
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof HistoryCorrupt) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (BROKEN.has(errorCode(cause))) throw new HistoryCorrupt(`${path} is broken: ${reason}`, { cause });
    throw new HistoryUnavailable(`${path} could not be opened: ${reason}`, { cause });
  }
}

function upgrade(database: DatabaseSync, steps: readonly FormatStep[], version: number): void {
  transaction(database, () => {
    for (const step of steps.slice(version)) {
      if (typeof step === "string") database.exec(step);
      else step(database);
    }
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${steps.length}`);
  });
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

/** `transaction` for work in steps: between two of them others may read what is not committed yet, and must not write. */
export function* transactionInSteps(database: DatabaseSync, steps: Generator<void, void>): Generator<void, void> {
  database.exec("BEGIN IMMEDIATE");
  try {
    yield* steps;
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
