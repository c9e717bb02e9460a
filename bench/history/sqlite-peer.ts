import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { EventIndex } from "../../src/event/built-event.ts";
import type { StoredEntry } from "../../src/journal/journal.ts";
import type { AttributeKey } from "../../src/readers/history/attribute.ts";
import type { LookupQuery, Page } from "../../src/readers/history/history.ts";

const SCHEMA = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY, time INTEGER NOT NULL, event_id TEXT, name TEXT, source TEXT, read_only TEXT,
    username TEXT, access_key_id TEXT, head BLOB NOT NULL, record BLOB NOT NULL
  );
  CREATE TABLE resources (position INTEGER NOT NULL, time INTEGER NOT NULL, type TEXT, name TEXT);
  CREATE INDEX by_time ON events (time, position);
  CREATE INDEX by_event_id ON events (event_id, time, position);
  CREATE INDEX by_name ON events (name, time, position);
  CREATE INDEX by_source ON events (source, time, position);
  CREATE INDEX by_read_only ON events (read_only, time, position);
  CREATE INDEX by_username ON events (username, time, position);
  CREATE INDEX by_access_key_id ON events (access_key_id, time, position);
  CREATE INDEX by_resource_type ON resources (type, time, position);
  CREATE INDEX by_resource_name ON resources (name, time, position);
`;

const COLUMN: Record<AttributeKey, string> = {
  EventId: "e.event_id",
  EventName: "e.name",
  EventSource: "e.source",
  ReadOnly: "e.read_only",
  Username: "e.username",
  AccessKeyId: "e.access_key_id",
  ResourceType: "r.type",
  ResourceName: "r.name",
};

/** What one would build first: a table with an index for each attribute. In this thread, so that nothing is handed over. */
export class SqlitePeer {
  readonly #path: string;
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#path = path;
    const made = existsSync(path);
    this.#database = new DatabaseSync(path);
    if (!made) this.#database.exec(SCHEMA);
  }

  get bytes(): number {
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return statSync(this.#path).size;
  }

  insert(batch: readonly StoredEntry[]): void {
    const event = this.#database.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const resource = this.#database.prepare("INSERT INTO resources VALUES (?, ?, ?, ?)");
    this.#database.exec("BEGIN");
    for (const { position, head, body } of batch) {
      const index = JSON.parse(Buffer.from(head).toString()) as EventIndex;
      const { time, eventId, name, source, readOnly, username = null, accessKeyId = null } = index;
      event.run(position, time, eventId, name, source, String(readOnly), username, accessKeyId, head, body);
      for (const { type = null, name: named } of index.resources) resource.run(position, time, type, named);
    }
    this.#database.exec("COMMIT");
  }

  /** Like `History.lookup`, of one account and Region. */
  lookup({ attribute, to = Number.MAX_SAFE_INTEGER, limit, token }: LookupQuery): Pick<Page, "events" | "nextToken"> {
    const before = token?.split(" ").map(Number) ?? [to, Number.MAX_SAFE_INTEGER];
    const of = attribute?.key.startsWith("Resource") === true ? "r" : "e";
    const rows = this.#database
      .prepare(
        `SELECT e.position, e.time, e.head, e.record FROM ${of === "r" ? "resources r JOIN events e USING (position)" : "events e"}
         WHERE ${attribute === undefined ? "" : `${COLUMN[attribute.key]} = ? AND`} (${of}.time, ${of}.position) < (?, ?)
         ORDER BY ${of}.time DESC, ${of}.position DESC LIMIT ?`,
      )
      .all(...(attribute === undefined ? [] : [attribute.value]), ...before, limit);
    const events = rows.map(({ position, head, record }) => ({
      position: Number(position),
      index: JSON.parse(Buffer.from(head as Uint8Array).toString()) as EventIndex,
      record: record as Uint8Array,
    }));
    const last = rows.at(-1);
    return { events, ...(rows.length === limit && last !== undefined && { nextToken: `${last["time"]} ${last["position"]}` }) };
  }

  close(): void {
    this.#database.close();
  }
}
