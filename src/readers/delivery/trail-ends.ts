import type { DatabaseSync } from "node:sqlite";
import type { Position } from "../../journal/journal.ts";

/**
 * Where the events of trails that were stopped or deleted end: at the event of the request that did it, which stands somewhere
 * behind the place of the revision. Whichever lane comes by first notes it; all come to the same.
 */
export class TrailEnds {
  readonly #database: DatabaseSync;
  readonly #known = new Map<string, Position>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    for (const { trail, after, ends_at } of database.prepare("SELECT * FROM trail_ends").all()) {
      this.#known.set(`${String(trail)} ${Number(after)}`, Number(ends_at));
    }
  }

  /** `after`: of the revision that stops the trail. */
  endOf(trailId: string, after: Position): Position | undefined {
    return this.#known.get(`${trailId} ${after}`);
  }

  /** Durable when it returns. */
  found(trailId: string, after: Position, endsAt: Position): void {
    this.#database.prepare("INSERT INTO trail_ends VALUES (?, ?, ?) ON CONFLICT DO NOTHING").run(trailId, after, endsAt);
    this.#known.set(`${trailId} ${after}`, endsAt);
  }

  /** Nothing of the trail is needed any more. */
  forget(trailId: string): void {
    this.#database.prepare("DELETE FROM trail_ends WHERE trail = ?").run(trailId);
    for (const name of this.#known.keys()) if (name.startsWith(`${trailId} `)) this.#known.delete(name);
  }
}
