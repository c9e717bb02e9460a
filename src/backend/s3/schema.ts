import type { DatabaseSync } from "node:sqlite";

/** Everything about objects but their bytes, which are files of their own. Keys sort as S3 sorts them: by UTF-8 octets. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS bucket (
  name TEXT PRIMARY KEY, region TEXT NOT NULL, created INTEGER NOT NULL, policy TEXT, tags TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object (
  bucket TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
  modified INTEGER NOT NULL, headers TEXT NOT NULL, tags TEXT NOT NULL, checksum TEXT, PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (
  id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, created INTEGER NOT NULL, headers TEXT NOT NULL,
  tags TEXT NOT NULL, checksum TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS upload_key ON upload (bucket, key, id);
CREATE TABLE IF NOT EXISTS part (
  upload TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, etag TEXT NOT NULL,
  modified INTEGER NOT NULL, checksum TEXT, PRIMARY KEY (upload, number)
) WITHOUT ROWID;
`;

/**
 * A commit must survive a power cut before the files of what it replaced are removed, or the old row would come back
 * without its bytes: hence FULL.
 */
export function prepareSchema(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec(SCHEMA);
}
