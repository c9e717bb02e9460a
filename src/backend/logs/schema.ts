import type { DatabaseSync } from "node:sqlite";

/**
 * Ids are never used again, so that events of what has been deleted cannot turn up elsewhere until they are swept.
 * `bytes` of a group is what its events hold, counted as PutLogEvents counts them. 0 for a stream's times: there were none.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS log_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, class TEXT NOT NULL,
  kms TEXT, retention INTEGER, tags TEXT NOT NULL, bytes INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS log_stream (
  id INTEGER PRIMARY KEY AUTOINCREMENT, log_group INTEGER NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL,
  first_event INTEGER NOT NULL DEFAULT 0, last_event INTEGER NOT NULL DEFAULT 0, ingested INTEGER NOT NULL DEFAULT 0,
  UNIQUE (log_group, name)
);
CREATE INDEX IF NOT EXISTS stream_by_time ON log_stream (log_group, last_event, name);
CREATE TABLE IF NOT EXISTS log_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT, log_group INTEGER NOT NULL, stream INTEGER NOT NULL, timestamp INTEGER NOT NULL,
  ingested INTEGER NOT NULL, message TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS event_of_stream ON log_event (stream, timestamp, id);
CREATE INDEX IF NOT EXISTS event_of_group ON log_event (log_group, timestamp, id, stream);
CREATE TABLE IF NOT EXISTS deleted_stream (id INTEGER PRIMARY KEY);
`;

/** FULL: what PutLogEvents has confirmed survives a power cut. */
export function prepareSchema(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec(SCHEMA);
}
