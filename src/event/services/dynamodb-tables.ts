import type { Tree } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import { listAt, namesAt, textAt, valueAt } from "./read-tree.ts";
import { arnOf } from "./record-resource.ts";

export interface Table {
  /** Partition key first. */
  readonly keyNames: readonly string[];
  readonly streamArn: string | undefined;
}

/** Least recently learned tables go first beyond this. */
const MAXIMUM_TABLES = 10_000;
/** A primary key has one attribute or two. */
const MAXIMUM_KEY_NAMES = 2;

/**
 * What is known of DynamoDB tables from answers that passed by. A PutItem does not say which of its attributes are the
 * key; CreateTable, DescribeTable and calls with a `Key` do. Tables are known by ARN. Lost on restart, and learned again.
 */
export class DynamodbTables {
  readonly #tables = new Map<string, Table>();
  readonly #onChange: ((arn: string, table: Table | undefined) => void) | undefined;

  /** @param onChange told of what is learned that was not known; undefined: the table is gone. */
  constructor(onChange?: (arn: string, table: Table | undefined) => void) {
    this.#onChange = onChange;
  }

  /** All that are known, the one that goes first in front. */
  known(): [arn: string, table: Table][] {
    return [...this.#tables];
  }

  /** Takes over what another process has learned. */
  take(arn: string, table: Table | undefined): void {
    if (table === undefined) this.#tables.delete(arn);
    else this.#put(arn, table);
  }

  /** To be told every finished call of DynamoDB, before its record is built. Failed ones teach nothing. */
  learn(call: ApiCall): void {
    if (call.serviceId !== "dynamodb" || call.error !== undefined || call.response === undefined) return;
    const { input, output, operationName } = call;
    const arn = tableArn(call, textAt(input, "TableName"));
    switch (operationName) {
      case "CreateTable":
      case "DescribeTable":
      case "UpdateTable":
        this.#describe(arn, valueAt(output, operationName === "DescribeTable" ? "Table" : "TableDescription") ?? input ?? null);
        break;
      case "DeleteTable":
        if (arn !== undefined && this.#tables.delete(arn)) this.#onChange?.(arn, undefined);
        break;
      case "GetItem":
      case "UpdateItem":
      case "DeleteItem":
        this.#key(arn, namesAt(input, "Key"));
        break;
      default:
    }
  }

  /** Names of the primary key's attributes; undefined where nothing has been learned. */
  keyNames(arn: string): readonly string[] | undefined {
    return this.#tables.get(arn)?.keyNames;
  }

  /** The table's stream while it has one. */
  streamArn(arn: string): string | undefined {
    return this.#tables.get(arn)?.streamArn;
  }

  #describe(arn: string | undefined, description: Tree): void {
    const schema = [...listAt(description, "KeySchema")].sort((one, other) => rank(one) - rank(other));
    const keyNames = schema.map((element) => textAt(element, "AttributeName")).filter((name) => name !== undefined);
    if (arn === undefined || keyNames.length === 0 || keyNames.length > MAXIMUM_KEY_NAMES) return;
    const enabled = valueAt(description, "StreamSpecification", "StreamEnabled") === true;
    this.#remember(arn, { keyNames, streamArn: enabled ? textAt(description, "LatestStreamArn") : undefined });
  }

  #key(arn: string | undefined, keyNames: readonly string[]): void {
    if (arn === undefined || keyNames.length === 0 || keyNames.length > MAXIMUM_KEY_NAMES || this.#tables.has(arn)) return;
    this.#remember(arn, { keyNames, streamArn: undefined });
  }

  #remember(arn: string, table: Table): void {
    const before = this.#tables.get(arn);
    this.#put(arn, table);
    const same = before?.streamArn === table.streamArn && before?.keyNames.join("\n") === table.keyNames.join("\n");
    if (!same) this.#onChange?.(arn, table);
  }

  #put(arn: string, table: Table): void {
    this.#tables.delete(arn);
    this.#tables.set(arn, table);
    const [oldest] = this.#tables.keys();
    if (this.#tables.size > MAXIMUM_TABLES && oldest !== undefined) this.#tables.delete(oldest);
  }
}

function rank(element: Tree): number {
  return textAt(element, "KeyType") === "HASH" ? 0 : 1;
}

const TABLE_NAME = /^[\w.-]{1,255}$/;

/** ARN of a table that the caller gave by name or by ARN. */
export function tableArn(call: ApiCall, table: string | undefined): string | undefined {
  if (table === undefined) return undefined;
  if (/^arn:[^:]*:dynamodb:[^:]*:\d{12}:table\/[\w.-]{1,255}$/.test(table)) return table;
  return TABLE_NAME.test(table) ? arnOf(call, "dynamodb", `table/${table}`) : undefined;
}
