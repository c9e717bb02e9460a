import { randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { EventIndex } from "../../event/built-event.ts";
import type { Position } from "../../journal/journal.ts";
import { openDatabase, transaction } from "./database.ts";
import { decodeDocList, type DocList } from "./doc-list.ts";
import { unpackFrame, type EventBytes } from "./frame.ts";
import { HistoryCorrupt } from "./history.ts";
import { EPOCH_SEGMENTS, SHELF_FRAMES } from "./limits.ts";
import { decodeColumns, type Columns, type Segment } from "./segment.ts";
import { frameOf } from "./shelf.ts";
import { Terms, type Scope } from "./term.ts";

/** Room for a day's worth of shelves below one segment's number. */
const SHELVES = 1024;

const SCHEMA = `
  CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), seed BLOB NOT NULL) STRICT;
  CREATE TABLE segments (
    segment INTEGER PRIMARY KEY, events INTEGER NOT NULL, earliest INTEGER NOT NULL, latest INTEGER NOT NULL,
    last_position INTEGER NOT NULL, columns BLOB NOT NULL
  ) STRICT;
  CREATE TABLE shelves (id INTEGER PRIMARY KEY, frames BLOB NOT NULL) STRICT;
  CREATE TABLE postings (
    epoch INTEGER NOT NULL, term INTEGER NOT NULL, segment INTEGER NOT NULL, docs ANY NOT NULL,
    PRIMARY KEY (epoch, term, segment)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE scopes (
    category TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, PRIMARY KEY (category, account, region)
  ) STRICT, WITHOUT ROWID;
`;

/** Between which times a segment's events lie. None of them is newer than (`latest`, `lastPosition`). */
export interface SegmentSpan {
  readonly segment: number;
  readonly earliest: number;
  readonly latest: number;
  readonly lastPosition: Position;
}

/** The finished segments of one UTC day: a file of their own, so that a day is forgotten by removing it. */
export class DayFile {
  readonly path: string;
  /** Unlike the path, of this file alone: a day that was removed may be begun anew. */
  readonly id: string;
  /** With a seed of the file's own, so that it can be read whatever becomes of the others. */
  readonly terms: Terms;
  readonly #database: DatabaseSync;
  /** Ordered by latest time, then last position, newest first. */
  readonly #spans: SegmentSpan[] = [];
  readonly #scopes: Scope[] = [];
  readonly #columns: StatementSync;
  readonly #shelf: StatementSync;
  readonly #postings: StatementSync;
  #events = 0;
  #applied: Position = 0;

  constructor(path: string) {
    this.path = path;
    this.#database = openDatabase(path, SCHEMA, 4096);
    this.#database.prepare("INSERT OR IGNORE INTO state VALUES (1, ?)").run(randomBytes(Terms.seedLength));
    const seed = blob(this.#database.prepare("SELECT seed FROM state").get()?.["seed"]);
    this.id = Buffer.from(seed).toString("hex");
    this.terms = new Terms(seed);
    this.#columns = this.#database.prepare("SELECT columns FROM segments WHERE segment = ?");
    this.#shelf = this.#database.prepare("SELECT frames FROM shelves WHERE id = ?");
    this.#postings = this.#database.prepare(
      "SELECT segment, docs FROM postings WHERE epoch = ? AND term = ? ORDER BY segment DESC",
    );
    this.#postings.setReturnArrays(true);
    for (const row of this.#database
      .prepare("SELECT earliest, latest, events, last_position FROM segments ORDER BY segment")
      .iterate()) {
      this.#note(Number(row["earliest"]), Number(row["latest"]), Number(row["events"]), Number(row["last_position"]));
    }
    for (const row of this.#database.prepare("SELECT category, account, region FROM scopes").iterate()) {
      this.#scopes.push({
        category: String(row["category"]) as EventIndex["category"],
        account: String(row["account"]),
        region: String(row["region"]),
      });
    }
  }

  /** Journal position up to which this day's events stand in segments. */
  get applied(): Position {
    return this.#applied;
  }

  get events(): number {
    return this.#events;
  }

  /** Every segment, in the order in which a query from the newest event on has to look into them. */
  get newestFirst(): readonly SegmentSpan[] {
    return this.#spans;
  }

  get scopes(): readonly Scope[] {
    return this.#scopes;
  }

  /** Durable when it returns; on an exception nothing has changed. */
  add(segment: Segment): void {
    const number = this.#spans.length;
    const epoch = Math.floor(number / EPOCH_SEGMENTS);
    const fresh = segment.scopes.filter((scope) => !this.#scopes.some((known) => sameScope(known, scope)));
    transaction(this.#database, () => {
      const posting = this.#database.prepare("INSERT INTO postings VALUES (?, ?, ?, ?)");
      for (const [term, docs] of segment.postings) {
        // A number would be stored as a floating-point one, in eight octets: a BigInt is stored as an integer.
        posting.run(epoch, term, number % EPOCH_SEGMENTS, typeof docs === "number" ? BigInt(docs) : docs);
      }
      const shelf = this.#database.prepare("INSERT INTO shelves VALUES (?, ?)");
      for (const [at, frames] of segment.shelves.entries()) shelf.run(number * SHELVES + at, frames);
      const scope = this.#database.prepare("INSERT INTO scopes VALUES (?, ?, ?)");
      for (const { category, account, region } of fresh) scope.run(category, account, region);
      this.#database
        .prepare("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?)")
        .run(number, segment.events, segment.earliest, segment.latest, segment.lastPosition, segment.columns);
    });
    this.#scopes.push(...fresh);
    this.#note(segment.earliest, segment.latest, segment.events, segment.lastPosition);
  }

  /** Which events carry a term, for the segments of one epoch that have any, newest segment first. */
  postings(epoch: number, term: number): readonly (readonly [segment: number, docs: DocList])[] {
    return this.#guard("postings", () => {
      // setReturnArrays is on, which the types of node:sqlite do not express.
      const rows = this.#postings.all(epoch, term) as unknown as readonly (readonly SQLOutputValue[])[];
      return rows.map(([segment, docs]) => {
        if (typeof segment !== "number" || (typeof docs !== "number" && !(docs instanceof Uint8Array))) {
          throw new RangeError("posting of a foreign type");
        }
        return [epoch * EPOCH_SEGMENTS + segment, decodeDocList(docs)] as const;
      });
    });
  }

  columns(segment: number): Columns {
    return this.#guard(`segment ${segment}`, () => decodeColumns(blob(this.#columns.get(segment)?.["columns"])));
  }

  frame(segment: number, frame: number): readonly EventBytes[] {
    return this.#guard(`frame ${frame} of segment ${segment}`, () => {
      const id = segment * SHELVES + Math.floor(frame / SHELF_FRAMES);
      return unpackFrame(frameOf(blob(this.#shelf.get(id)?.["frames"]), frame % SHELF_FRAMES));
    });
  }

  /** Moves what was written last from SQLite's log into the file, and empties the log. */
  settle(): void {
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): void {
    this.#database.close();
  }

  #note(earliest: number, latest: number, events: number, lastPosition: Position): void {
    const span = { segment: this.#spans.length, earliest, latest, lastPosition };
    const at = this.#spans.findIndex((other) => other.latest <= latest);
    this.#spans.splice(at < 0 ? this.#spans.length : at, 0, span);
    this.#events += events;
    this.#applied = lastPosition;
  }

  #guard<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw new HistoryCorrupt(`${this.path}, ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}

function blob(value: SQLOutputValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new RangeError("missing");
  return value;
}

function sameScope(a: Scope, b: Scope): boolean {
  return a.account === b.account && a.region === b.region && a.category === b.category;
}

/** Octets of the database and what SQLite keeps beside it. */
export function bytesOnDisk(path: string): number {
  return [path, `${path}-wal`].reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
}
