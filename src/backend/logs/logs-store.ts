import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../../base/in-transaction.ts";
import type { Clock } from "../../base/clock.ts";
import { requireWritable } from "../../base/require-writable.ts";
import type { Place } from "../places.ts";
import { EventReader } from "./event-reader.ts";
import { EventTable } from "./event-table.ts";
import { GroupTable } from "./group-table.ts";
import { prepareSchema } from "./schema.ts";
import type { NewEvent, StoredGroup, StoredStream } from "./stored.ts";
import { StreamTable } from "./stream-table.ts";

export const DAY = 86_400_000;
/** Events that one sweep removes: some ten milliseconds. */
const SWEPT_AT_ONCE = 2000;

/** Log groups, streams and events of one account in one region, in one SQLite file. */
export class LogsStore {
  readonly place: Place;
  readonly groups: GroupTable;
  readonly streams: StreamTable;
  readonly reader: EventReader;
  readonly #events: EventTable;
  readonly #database: DatabaseSync;
  readonly #clock: Clock;

  constructor(directory: string, place: Place, clock: Clock) {
    this.place = place;
    this.#clock = clock;
    const own = join(directory, place.accountId, place.region);
    mkdirSync(own, { recursive: true });
    const path = join(own, "logs.sqlite");
    this.#database = new DatabaseSync(path);
    prepareSchema(this.#database);
    requireWritable(this.#database, path);
    this.groups = new GroupTable(this.#database);
    this.streams = new StreamTable(this.#database);
    this.reader = new EventReader(this.#database);
    this.#events = new EventTable(this.#database);
  }

  /** All of `change` or none of it, durable when this returns. */
  transaction<Result>(change: () => Result): Result {
    return inTransaction(this.#database, change);
  }

  /** Stores events in one transaction. There is at least one; they are in the order of their times. */
  write(group: StoredGroup, stream: StoredStream, events: readonly NewEvent[], bytes: number): void {
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return;
    const now = this.#clock.now();
    this.transaction(() => {
      this.#events.add(group.id, stream.id, now, events);
      this.streams.written(stream.id, first.timestamp, last.timestamp, now);
      this.groups.addBytes(group.id, bytes);
    });
  }

  /** The earliest time that retention leaves; events of before are not shown, whether they are swept or not. */
  keptSince({ retention }: StoredGroup): number {
    return retention === undefined ? 0 : this.#clock.now() - retention * DAY;
  }

  /** Removes some of the events that nobody can see any more; false where there is nothing left to do. */
  sweep(): boolean {
    return this.transaction(() => {
      const swept = this.#events.sweep(SWEPT_AT_ONCE);
      if (swept !== undefined) {
        this.groups.addBytes(swept.group, -swept.bytes);
        return true;
      }
      for (const group of this.groups.withRetention()) {
        const { count, bytes } = this.#events.expire(group.id, this.keptSince(group), SWEPT_AT_ONCE);
        if (count === 0) continue;
        this.groups.addBytes(group.id, -bytes);
        return true;
      }
      return false;
    });
  }

  close(): void {
    this.#database.close();
  }
}
