import { randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { EventIndex } from "../../event/built-event.ts";
import type { Position } from "../../journal/journal.ts";
import { openDatabase, transactionInSteps } from "./database.ts";
import { packDictionary, trainDictionary, unpackDictionary } from "./dictionary.ts";
import { decodeDocList, type DocList } from "./doc-list.ts";
import { unpackFrame, type EventBytes, type PackedFrame } from "./frame.ts";
import { HistoryCorrupt } from "./history.ts";
import { DICTIONARY_EVENTS, EPOCH_SEGMENTS, SHELF_FRAMES } from "./limits.ts";
import { decodeColumns, encodeSegment, type BufferedEvent, type Columns, type Segment } from "./segment.ts";
import { frameOf } from "./shelf.ts";
import { Terms, type Scope } from "./term.ts";

/** Room for a day's worth of shelves below one segment's number. */
const SHELVES = 1024;

const FORMAT_1 = `
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

/** In format 1 frames were of 64 events, each compressed on its own. Those stay as they are. */
const FORMAT_2 = `
  CREATE TABLE dictionaries (id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
  ALTER TABLE segments ADD COLUMN dictionary INTEGER;
`;

/** For a file that is only read, and while it is written to: a segment touches a few megabytes of a day's tree. */
const READING_KILOBYTES = 512;
const WRITING_KILOBYTES = 6144;

const SPAN_COLUMNS = "earliest, latest, events, last_position, dictionary";

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
  /** What each segment's frames are compressed with; undefined: nothing. */
  readonly #dictionaries: (number | undefined)[] = [];
  /** The dictionary for the segments to come, of the epoch that it was made in. */
  #dictionary: { readonly id: number; readonly epoch: number; readonly bytes: Uint8Array } | undefined;
  #writing = false;
  readonly #columns: StatementSync;
  readonly #shelf: StatementSync;
  readonly #postings: StatementSync;
  #events = 0;
  #applied: Position = 0;

  constructor(path: string) {
    this.path = path;
    this.#database = openDatabase(path, [FORMAT_1, FORMAT_2], READING_KILOBYTES);
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
    for (const row of this.#database.prepare(`SELECT ${SPAN_COLUMNS} FROM segments ORDER BY segment`).iterate()) {
      const { dictionary } = row;
      this.#note(
        { earliest: Number(row["earliest"]), latest: Number(row["latest"]), lastPosition: Number(row["last_position"]) },
        Number(row["events"]),
        dictionary === null ? undefined : Number(dictionary),
      );
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

  /** Between the steps of `add`: it must not be closed then. */
  get writing(): boolean {
    return this.#writing;
  }

  /**
   * Makes a segment of the events. Durable after the last step; on an exception nothing has changed. Until then nothing of
   * it is to be seen.
   */
  *add(events: readonly BufferedEvent[]): Generator<void, Segment> {
    this.#writing = true;
    try {
      const epoch = Math.floor(this.#spans.length / EPOCH_SEGMENTS);
      if (events.length >= DICTIONARY_EVENTS && this.#dictionary?.epoch !== epoch) {
        this.#dictionary = this.#keepDictionary(epoch, yield* trainDictionary(events));
      }
      const dictionary = this.#dictionary?.epoch === epoch ? this.#dictionary : undefined;
      const segment = yield* encodeSegment(events, this.terms, dictionary?.bytes);
      yield* this.#store(segment, dictionary?.id);
      return segment;
    } finally {
      this.#writing = false;
    }
  }

  /** Which events carry a term, for the segments of one epoch that have any, newest segment first. Unpacked when called for. */
  postings(epoch: number, term: number): readonly (readonly [segment: number, docs: () => DocList])[] {
    const rows = this.#guard("postings", () => {
      // setReturnArrays is on, which the types of node:sqlite do not express.
      return this.#postings.all(epoch, term) as unknown as readonly (readonly SQLOutputValue[])[];
    });
    return rows.map(([segment, docs]) => [epoch * EPOCH_SEGMENTS + Number(segment), () => this.#docs(docs)] as const);
  }

  columns(segment: number): Columns {
    return this.#guard(`segment ${segment}`, () => decodeColumns(blob(this.#columns.get(segment)?.["columns"])));
  }

  /** Which dictionary a segment's frames need. */
  dictionaryOf(segment: number): number | undefined {
    return this.#dictionaries[segment];
  }

  dictionary(id: number): Uint8Array {
    return this.#guard(`dictionary ${id}`, () =>
      unpackDictionary(blob(this.#database.prepare("SELECT bytes FROM dictionaries WHERE id = ?").get(id)?.["bytes"])),
    );
  }

  frame(segment: number, frame: number, dictionary: Uint8Array | undefined): readonly EventBytes[] {
    const packed = this.packedFrame(segment, frame);
    return this.#guard(`frame ${frame} of segment ${segment}`, () => unpackFrame(packed, dictionary));
  }

  packedFrame(segment: number, frame: number): PackedFrame {
    return this.#guard(`frame ${frame} of segment ${segment}`, () => {
      const id = segment * SHELVES + Math.floor(frame / SHELF_FRAMES);
      return frameOf(blob(this.#shelf.get(id)?.["frames"]), frame % SHELF_FRAMES);
    });
  }

  /** Moves what was written last from SQLite's log into the file, and empties the log. */
  settle(): void {
    this.#database.exec(`PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = -${READING_KILOBYTES}; PRAGMA shrink_memory`);
  }

  close(): void {
    this.#database.close();
  }

  #keepDictionary(epoch: number, bytes: Uint8Array): { id: number; epoch: number; bytes: Uint8Array } {
    const keep = this.#database.prepare("INSERT INTO dictionaries (epoch, bytes) VALUES (?, ?)");
    return { id: Number(keep.run(epoch, packDictionary(bytes)).lastInsertRowid), epoch, bytes };
  }

  *#store(segment: Segment, dictionary: number | undefined): Generator<void, void> {
    const number = this.#spans.length;
    const fresh = segment.scopes.filter((scope) => !this.#scopes.some((known) => sameScope(known, scope)));
    this.#database.exec(`PRAGMA cache_size = -${WRITING_KILOBYTES}`);
    yield* transactionInSteps(this.#database, this.#insert(segment, number, fresh, dictionary));
    this.#scopes.push(...fresh);
    this.#note(segment, segment.events, dictionary);
  }

  *#insert(segment: Segment, number: number, fresh: readonly Scope[], dictionary: number | undefined): Generator<void, void> {
    const epoch = Math.floor(number / EPOCH_SEGMENTS);
    const posting = this.#database.prepare("INSERT INTO postings VALUES (?, ?, ?, ?)");
    for (const [at, [term, docs]] of segment.postings.entries()) {
      // A number would be stored as a floating-point one, in eight octets: a BigInt is stored as an integer.
      posting.run(epoch, term, number % EPOCH_SEGMENTS, typeof docs === "number" ? BigInt(docs) : docs);
      if (at % 128 === 127) yield;
    }
    const shelf = this.#database.prepare("INSERT INTO shelves VALUES (?, ?)");
    for (const [at, frames] of segment.shelves.entries()) {
      shelf.run(number * SHELVES + at, frames);
      yield;
    }
    const scope = this.#database.prepare("INSERT INTO scopes VALUES (?, ?, ?)");
    for (const { category, account, region } of fresh) scope.run(category, account, region);
    const { events, earliest, latest, lastPosition, columns } = segment;
    this.#database
      .prepare(`INSERT INTO segments (segment, ${SPAN_COLUMNS}, columns) VALUES (?, ?, ?, ?, ?, ?, ?)`)
      .run(number, earliest, latest, events, lastPosition, dictionary ?? null, columns);
  }

  #note({ earliest, latest, lastPosition }: Omit<SegmentSpan, "segment">, events: number, dictionary: number | undefined): void {
    const span = { segment: this.#spans.length, earliest, latest, lastPosition };
    const at = this.#spans.findIndex((other) => other.latest <= latest);
    this.#spans.splice(at < 0 ? this.#spans.length : at, 0, span);
    this.#dictionaries.push(dictionary);
    this.#events += events;
    this.#applied = lastPosition;
  }

  #docs(stored: SQLOutputValue | undefined): DocList {
    return this.#guard("postings", () => {
      if (typeof stored !== "number" && !(stored instanceof Uint8Array)) throw new RangeError("posting of a foreign type");
      return decodeDocList(stored);
    });
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
