import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../../base/in-transaction.ts";
import { requireWritable } from "../../base/require-writable.ts";

const FORMAT = 1;

/**
 * What delivery must not forget, in one SQLite file. Tables that a sink or the digests need besides are made by their own classes.
 *
 *   lanes            how far each trail's events are planned, and how they divide
 *   plans            log files that are to be delivered; without bucket and key until the first attempt
 *   announcements    delivered log files of which the trail's topic has not heard yet
 *   outcomes         what came of the last attempts, for GetTrailStatus
 *   trail_ends       where in the journal a trail that was stopped came to its end
 *   key_sequence     the newest stamp and unique part of a key
 */
const SCHEMA = `
  CREATE TABLE lanes (
    trail TEXT PRIMARY KEY, planned INTEGER NOT NULL, aggregated INTEGER NOT NULL,
    recorded INTEGER NOT NULL DEFAULT 0, filtered INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0, expired INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE plans (
    id INTEGER PRIMARY KEY AUTOINCREMENT, trail TEXT NOT NULL, revision TEXT NOT NULL,
    family TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
    after INTEGER NOT NULL, up_to INTEGER NOT NULL, events INTEGER NOT NULL, newest INTEGER NOT NULL,
    bucket TEXT, key TEXT, kms_key TEXT
  ) STRICT;
  CREATE INDEX plans_of_trail ON plans (trail, up_to);
  CREATE TABLE announcements (
    id INTEGER PRIMARY KEY AUTOINCREMENT, trail TEXT NOT NULL, region TEXT NOT NULL,
    topic TEXT NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL, delivered_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX announcements_of_trail ON announcements (trail, id);
  CREATE TABLE outcomes (
    trail TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, time INTEGER, error TEXT, attempt INTEGER,
    PRIMARY KEY (trail, region, kind)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE trail_ends (
    trail TEXT NOT NULL, after INTEGER NOT NULL, ends_at INTEGER NOT NULL, PRIMARY KEY (trail, after)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE key_sequence (only INTEGER PRIMARY KEY CHECK (only = 1), stamp INTEGER NOT NULL, ticket INTEGER NOT NULL) STRICT;
  INSERT INTO key_sequence VALUES (1, 0, 0);
`;

/** Opens the file, made where it is not there. Throws where it is of another format. */
export function openDeliveryDatabase(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  // SQLite makes its files after the umask; what it finds keeps its mode, and its log takes that over.
  closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path);
  try {
    // Exclusive, since it is ours alone while the journal is: without shared memory there is no lock to take and leave with each
    // transaction. One that cannot be left, which takes one failing system call, would shut us out for as long as we run.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    const format = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (format === 0) inTransaction(database, () => database.exec(`${SCHEMA} PRAGMA user_version = ${FORMAT}`));
    else if (format !== FORMAT) throw new Error(`${path} is of format ${format}; this program knows format ${FORMAT}`);
    else requireWritable(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
