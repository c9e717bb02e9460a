import type { DatabaseSync } from "node:sqlite";

/** Buses but the default one, which every account has in every region; rules, their targets and tags; what is still to be delivered. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS bus (
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, description TEXT, created INTEGER NOT NULL,
  PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rule (
  account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL, name TEXT NOT NULL, pattern TEXT NOT NULL,
  state TEXT NOT NULL, description TEXT, role TEXT, PRIMARY KEY (account, region, bus, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS target (
  account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL, rule TEXT NOT NULL, id TEXT NOT NULL,
  arn TEXT NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (account, region, bus, rule, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS target_arn ON target (account, region, bus, arn, rule);
CREATE TABLE IF NOT EXISTS tag (
  arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (number INTEGER PRIMARY KEY, text TEXT NOT NULL, received INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
  number INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, event INTEGER NOT NULL, account TEXT NOT NULL,
  region TEXT NOT NULL, rule_name TEXT NOT NULL, rule_arn TEXT NOT NULL, target TEXT NOT NULL, attempts INTEGER NOT NULL,
  due INTEGER NOT NULL, failure TEXT
);
CREATE INDEX IF NOT EXISTS delivery_lane ON delivery (lane, due, number);
CREATE INDEX IF NOT EXISTS delivery_event ON delivery (event);
`;

/** What PutEvents has confirmed must survive a power cut: hence FULL. */
export function prepareSchema(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec(SCHEMA);
}
