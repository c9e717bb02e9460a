import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../../base/in-transaction.ts";
import { requireWritable } from "../../base/require-writable.ts";
import { BusTable } from "./bus-table.ts";
import { DeliveryTable } from "./delivery/delivery-table.ts";
import { RuleTable } from "./rule-table.ts";
import { prepareSchema } from "./schema.ts";
import { TagTable } from "./tag-table.ts";
import { TargetTable } from "./target-table.ts";

export const EVENTS_FILE = "events.sqlite";

/** Everything that EventBridge keeps, for all accounts and regions, in one SQLite file. */
export class EventsStore {
  readonly buses: BusTable;
  readonly rules: RuleTable;
  readonly targets: TargetTable;
  readonly tags: TagTable;
  readonly deliveries: DeliveryTable;
  readonly #database: DatabaseSync;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, EVENTS_FILE);
    this.#database = new DatabaseSync(path);
    prepareSchema(this.#database);
    requireWritable(this.#database, path);
    this.buses = new BusTable(this.#database);
    this.rules = new RuleTable(this.#database);
    this.targets = new TargetTable(this.#database);
    this.tags = new TagTable(this.#database);
    this.deliveries = new DeliveryTable(this.#database);
  }

  /** All of `change` or none of it, durable when this returns. */
  transaction<Result>(change: () => Result): Result {
    return inTransaction(this.#database, change);
  }

  close(): void {
    this.#database.close();
  }
}
