import type { DatabaseSync } from "node:sqlite";
import type { Logger } from "../../../base/logger.ts";
import type { Position } from "../../../journal/journal.ts";
import { inTransaction } from "../../../base/in-transaction.ts";

/** How far a lane is, what came of it. Whoever changes it calls `LaneStore.touch`. */
export interface LaneState {
  readonly name: string;
  /** All up to here has arrived or was left out. */
  position: Position;
  /** How long the destination has refused what stands at the front; 0 while it takes it. */
  refusedMilliseconds: number;
  readonly counts: LaneCounts;
}

export interface LaneCounts {
  delivered: number;
  /** Over what the destination takes. */
  tooLarge: number;
  /** Given up after thirty days of refusals. */
  expired: number;
  /** Refused for good. */
  refused: number;
}

export interface LaneStoreOptions {
  /** Opened with `journal_mode = WAL`; stays its owner's. */
  readonly database: DatabaseSync;
  readonly logger: Logger;
  /** From one write to the next; default 250. */
  readonly writeMilliseconds?: number;
}

/**
 * Positions of the sinks' lanes. They are written together, four times a second at most: a commit holds the event loop for its
 * sync, and what a crash takes back is sent again, which sinks allow (at least once).
 */
export class LaneStore {
  readonly #database: DatabaseSync;
  readonly #logger: Logger;
  readonly #writeMilliseconds: number;
  readonly #lanes = new Map<string, LaneState>();
  readonly #touched = new Set<LaneState>();
  readonly #alongside = new Map<string, () => void>();
  #timer: NodeJS.Timeout | undefined;
  #failing = false;
  /** By `performance.now()`. */
  #writtenAt = -Infinity;

  constructor({ database, logger, writeMilliseconds = 250 }: LaneStoreOptions) {
    this.#database = database;
    this.#logger = logger;
    this.#writeMilliseconds = writeMilliseconds;
    database.exec(`
      CREATE TABLE IF NOT EXISTS sink_lanes (
        name TEXT PRIMARY KEY, position INTEGER NOT NULL, refused_milliseconds INTEGER NOT NULL, counts TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `);
  }

  /** A lane's state; one that nobody knows begins after `from()`. */
  lane(name: string, from: () => Position): LaneState {
    const known = this.#lanes.get(name) ?? this.#read(name);
    if (known !== undefined) {
      this.#lanes.set(name, known);
      return known;
    }
    const counts: LaneCounts = { delivered: 0, tooLarge: 0, expired: 0, refused: 0 };
    const state: LaneState = { name, position: from(), refusedMilliseconds: 0, counts };
    this.#lanes.set(name, state);
    this.touch(state);
    // Where it begins must hold, or what came before a crash would be passed over after it.
    this.flush();
    return state;
  }

  has(name: string): boolean {
    return this.#lanes.has(name) || this.#read(name) !== undefined;
  }

  /** Of the lanes that are open, what became of their events. */
  report(): readonly { readonly name: string; readonly counts: Readonly<LaneCounts> }[] {
    return [...this.#lanes.values()];
  }

  counts(name: string): Readonly<LaneCounts> | undefined {
    return (this.#lanes.get(name) ?? this.#read(name))?.counts;
  }

  /** `alongside` is called within the transaction that writes the state; of several with one `name`, the last. */
  touch(state: LaneState, name?: string, alongside?: () => void): void {
    // A lane may have been forgotten while its last batch was under way.
    if (this.#lanes.get(state.name) !== state) return;
    if (name !== undefined && alongside !== undefined) this.#alongside.set(`${state.name} ${name}`, alongside);
    this.#touched.add(state);
    this.#settleLater(this.#writtenAt + this.#writeMilliseconds - performance.now());
  }

  /** Of a lane that was forgotten while it was running, and is needed again. */
  keep(state: LaneState): void {
    if (this.#lanes.has(state.name)) return;
    this.#lanes.set(state.name, state);
    this.touch(state);
  }

  /** The destination was taken away: should it come back, it begins anew. */
  forget(name: string): void {
    const state = this.#lanes.get(name);
    if (state !== undefined) this.#touched.delete(state);
    this.#lanes.delete(name);
    for (const key of this.#alongside.keys()) if (key.startsWith(`${name} `)) this.#alongside.delete(key);
    this.#database.prepare("DELETE FROM sink_lanes WHERE name = ?").run(name);
  }

  /** Writes what has changed. Throws SQLite's errors; what could not be written stays to be written. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#touched.size === 0) return;
    this.#writtenAt = performance.now();
    const lane = this.#database.prepare(
      `INSERT INTO sink_lanes VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
       SET position = excluded.position, refused_milliseconds = excluded.refused_milliseconds, counts = excluded.counts`,
    );
    inTransaction(this.#database, () => {
      for (const { name, position, refusedMilliseconds, counts } of this.#touched) {
        lane.run(name, position, Math.round(refusedMilliseconds), JSON.stringify(counts));
      }
      for (const write of this.#alongside.values()) write();
    });
    this.#touched.clear();
    this.#alongside.clear();
    this.#failing = false;
  }

  /** Writes what has changed; what cannot be written is logged, and sent again after a crash or the next start. */
  settle(): void {
    try {
      this.flush();
    } catch (err) {
      if (!this.#failing)
        this.#logger.error({ err }, "delivery: could not store how far the sinks are; what it cannot tell it sends again");
      this.#failing = true;
    }
  }

  /** Writes what is left; the database stays open. */
  close(): void {
    this.settle();
    this.#touched.clear();
    this.#lanes.clear();
  }

  #settleLater(milliseconds: number): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.settle();
        if (this.#failing && this.#touched.size > 0) this.#settleLater(5_000);
      },
      Math.max(0, milliseconds),
    ).unref();
  }

  #read(name: string): LaneState | undefined {
    const row = this.#database.prepare("SELECT position, refused_milliseconds, counts FROM sink_lanes WHERE name = ?").get(name);
    if (row === undefined) return undefined;
    return {
      name,
      position: Number(row["position"]),
      refusedMilliseconds: Number(row["refused_milliseconds"]),
      counts: JSON.parse(String(row["counts"])) as LaneCounts,
    };
  }
}
