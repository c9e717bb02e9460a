import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BusPlace } from "./event-bus.ts";
import type { Target } from "./target.ts";

const PUT = `
INSERT INTO target (account, region, bus, rule, id, arn, definition) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET arn = excluded.arn, definition = excluded.definition`;
const OF_RULE = "account = ? AND region = ? AND bus = ? AND rule = ?";

export class TargetTable {
  readonly #put: StatementSync;
  readonly #list: StatementSync;
  readonly #rulesOf: StatementSync;
  readonly #delete: StatementSync;
  readonly #has: StatementSync;

  constructor(database: DatabaseSync) {
    this.#put = database.prepare(PUT);
    this.#list = database.prepare(`SELECT definition FROM target WHERE ${OF_RULE} AND id > ? ORDER BY id`);
    this.#rulesOf = database.prepare(
      "SELECT DISTINCT rule FROM target WHERE account = ? AND region = ? AND bus = ? AND arn = ? AND rule > ? ORDER BY rule",
    );
    this.#delete = database.prepare(`DELETE FROM target WHERE ${OF_RULE} AND id = ?`);
    this.#has = database.prepare(`SELECT 1 FROM target WHERE ${OF_RULE} AND id = ?`);
  }

  /** Replaces the rule's target of that id. */
  put({ accountId, region, bus }: BusPlace, rule: string, target: Target): void {
    this.#put.run(accountId, region, bus, rule, target.Id, target.Arn, JSON.stringify(target));
  }

  has({ accountId, region, bus }: BusPlace, rule: string, id: string): boolean {
    return this.#has.get(accountId, region, bus, rule, id) !== undefined;
  }

  /** In the order of their ids, behind `after`. */
  list({ accountId, region, bus }: BusPlace, rule: string, after = ""): readonly Target[] {
    return this.#list.all(accountId, region, bus, rule, after).map(({ definition }) => JSON.parse(String(definition)) as Target);
  }

  /** Names of the rules that send to `arn`, behind `after`. */
  rulesOf({ accountId, region, bus }: BusPlace, arn: string, after = ""): readonly string[] {
    return this.#rulesOf.all(accountId, region, bus, arn, after).map(({ rule }) => String(rule));
  }

  delete({ accountId, region, bus }: BusPlace, rule: string, id: string): void {
    this.#delete.run(accountId, region, bus, rule, id);
  }
}
