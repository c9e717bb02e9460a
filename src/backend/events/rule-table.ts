import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { BusPlace } from "./event-bus.ts";
import { RULE_STATES, type Rule, type RuleState } from "./rule.ts";

type Row = Record<string, SQLOutputValue>;

const PUT = `
INSERT INTO rule (account, region, bus, name, pattern, state, description, role) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET pattern = excluded.pattern, state = excluded.state, description = excluded.description,
  role = excluded.role`;
const OF_BUS = "account = ? AND region = ? AND bus = ?";

export class RuleTable {
  readonly #put: StatementSync;
  readonly #setState: StatementSync;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #delete: StatementSync;
  readonly #count: StatementSync;

  constructor(database: DatabaseSync) {
    this.#put = database.prepare(PUT);
    this.#setState = database.prepare(`UPDATE rule SET state = ? WHERE ${OF_BUS} AND name = ?`);
    this.#get = database.prepare(`SELECT * FROM rule WHERE ${OF_BUS} AND name = ?`);
    this.#list = database.prepare(`SELECT * FROM rule WHERE ${OF_BUS} AND name > ? ORDER BY name`);
    this.#delete = database.prepare(`DELETE FROM rule WHERE ${OF_BUS} AND name = ?`);
    this.#count = database.prepare(`SELECT count(*) AS count FROM rule WHERE ${OF_BUS}`);
  }

  /** Replaces the rule of that name. */
  put({ accountId, region, bus }: BusPlace, rule: Rule): void {
    const { name, pattern, state, description = null, roleArn = null } = rule;
    this.#put.run(accountId, region, bus, name, pattern, state, description, roleArn);
  }

  setState({ accountId, region, bus }: BusPlace, name: string, state: RuleState): void {
    this.#setState.run(state, accountId, region, bus, name);
  }

  get({ accountId, region, bus }: BusPlace, name: string): Rule | undefined {
    const row = this.#get.get(accountId, region, bus, name);
    return row === undefined ? undefined : ruleOf(row);
  }

  /** In the order of their names, behind `after`. */
  list({ accountId, region, bus }: BusPlace, after = ""): readonly Rule[] {
    return this.#list.all(accountId, region, bus, after).map(ruleOf);
  }

  delete({ accountId, region, bus }: BusPlace, name: string): void {
    this.#delete.run(accountId, region, bus, name);
  }

  count({ accountId, region, bus }: BusPlace): number {
    return Number(this.#count.get(accountId, region, bus)?.["count"]);
  }
}

function ruleOf(row: Row): Rule {
  const { description, role } = row;
  return {
    name: String(row["name"]),
    pattern: String(row["pattern"]),
    state: RULE_STATES.find((state) => state === row["state"]) ?? "DISABLED",
    ...(description === null ? {} : { description: String(description) }),
    ...(role === null ? {} : { roleArn: String(role) }),
  };
}
