import type { DatabaseSync } from "node:sqlite";
import type { DeliveryOutcome, TrailStatus } from "./trail-status.ts";

export type OutcomeKind = keyof TrailStatus;

/** What came of the last attempts, for each trail, Region and destination; kept across restarts. */
export class TrailOutcomes {
  readonly #database: DatabaseSync;
  readonly #known = new Map<string, Map<OutcomeKind, DeliveryOutcome>>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    for (const { trail, region, kind, time, error, attempt } of database.prepare("SELECT * FROM outcomes").all()) {
      this.#of(String(trail), String(region)).set(kind as OutcomeKind, {
        ...(time === null ? {} : { time: Number(time) }),
        ...(error === null ? {} : { error: String(error) }),
        ...(attempt === null ? {} : { attempt: Number(attempt) }),
      });
    }
  }

  status(trailId: string, region: string): TrailStatus {
    return Object.fromEntries(this.#known.get(`${trailId} ${region}`) ?? []);
  }

  /** `time`: epoch milliseconds. May be called within a transaction. */
  succeeded(trailId: string, region: string, kind: OutcomeKind, time: number): void {
    this.#set(trailId, region, kind, { time, attempt: time });
  }

  /** `error`: the destination's error code; undefined for a time-out, which leaves the former one. */
  failed(trailId: string, region: string, kind: OutcomeKind, attempt: number, error: string | undefined): void {
    const before = this.#of(trailId, region).get(kind);
    const code = error ?? before?.error;
    this.#set(trailId, region, kind, {
      ...(before?.time === undefined ? {} : { time: before.time }),
      ...(code === undefined ? {} : { error: code }),
      attempt,
    });
  }

  /** The destination was taken away: AWS shows nothing of it any more. */
  clear(trailId: string, kind: OutcomeKind): void {
    this.#database.prepare("DELETE FROM outcomes WHERE trail = ? AND kind = ?").run(trailId, kind);
    for (const [name, kinds] of this.#known) if (name.startsWith(`${trailId} `)) kinds.delete(kind);
  }

  forget(trailId: string): void {
    this.#database.prepare("DELETE FROM outcomes WHERE trail = ?").run(trailId);
    for (const name of this.#known.keys()) if (name.startsWith(`${trailId} `)) this.#known.delete(name);
  }

  #set(trailId: string, region: string, kind: OutcomeKind, outcome: DeliveryOutcome): void {
    const { time = null, error = null, attempt = null } = outcome;
    this.#database
      .prepare("INSERT OR REPLACE INTO outcomes (trail, region, kind, time, error, attempt) VALUES (?, ?, ?, ?, ?, ?)")
      .run(trailId, region, kind, time, error, attempt);
    this.#of(trailId, region).set(kind, outcome);
  }

  #of(trailId: string, region: string): Map<OutcomeKind, DeliveryOutcome> {
    const name = `${trailId} ${region}`;
    let kinds = this.#known.get(name);
    if (kinds === undefined) this.#known.set(name, (kinds = new Map()));
    return kinds;
  }
}
