import { hidden } from "../../aws/catalogue/facts/redactions.ts";
import { isTreeObject } from "../../aws/codec/tree-builder.ts";
import type { Json, JsonObject, Tree } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import { tableArn, type DynamodbTables } from "./dynamodb-tables.ts";
import { jsonObject } from "./json-object.ts";
import { redactPartiql } from "./partiql.ts";
import { listAt, namesAt, textAt, valueAt } from "./read-tree.ts";

type Members = readonly (readonly [name: string, value: Json | undefined])[];

/** BatchWriteItem, BatchGetItem and the transactions end at 100 items; a table more or less makes no difference here. */
const MAXIMUM_ITEMS = 200;

/**
 * Items by the names of their attributes, keys with their values, statements without their literals. What the redaction
 * table has dropped is put back here in that form. A PutItem shows `key` once the table's key is known.
 */
export function dynamodbParameters(call: ApiCall, general: JsonObject | null, tables: DynamodbTables): JsonObject | null {
  const { input, operationName } = call;
  const { tableName, returnValues, ...rest } = general ?? {};
  const others: Members = [...Object.entries(rest), ["returnValue", returnValues]];
  switch (operationName) {
    case "PutItem":
    case "GetItem":
    case "UpdateItem":
    case "DeleteItem":
      return jsonObject([["tableName", tableName], ...itemMembers(call, input ?? null, tables), ...others]);
    case "BatchGetItem":
      return jsonObject([["requestItems", batchGet(call)], ...others]);
    case "BatchWriteItem":
      return jsonObject([["requestItems", batchWrite(call, tables)], ...others]);
    case "TransactGetItems":
    case "TransactWriteItems":
      return jsonObject([["requestItems", transaction(call, tables)], ...others]);
    case "ExecuteStatement":
      return jsonObject([["statement", shownStatement(input)], ...others]);
    case "BatchExecuteStatement":
      return jsonObject([["requestItems", statements(listAt(input, "Statements"))], ...others]);
    case "ExecuteTransaction":
      return jsonObject([["requestItems", statements(listAt(input, "TransactStatements"))], ...others]);
    default:
      return general;
  }
}

/** `key` and `items` of one item operation. */
function itemMembers(
  call: ApiCall,
  operation: Tree,
  tables: DynamodbTables,
  tableName = textAt(operation, "TableName"),
): Members {
  const item = valueAt(operation, "Item");
  const key = isTreeObject(item) ? keyOf(call, item, tableName, tables) : plainItem(valueAt(operation, "Key"));
  return [
    ["key", key],
    ["items", isTreeObject(item) ? Object.keys(item) : undefined],
  ];
}

function keyOf(call: ApiCall, item: Tree, tableName: string | undefined, tables: DynamodbTables): JsonObject | undefined {
  const arn = tableArn(call, tableName);
  const names = arn === undefined ? undefined : tables.keyNames(arn);
  if (names === undefined || names.some((name) => valueAt(item, name) === undefined)) return undefined;
  return jsonObject(names.map((name) => [name, plainValue(valueAt(item, name))]));
}

function plainItem(key: Tree | undefined): JsonObject | undefined {
  return isTreeObject(key) ? jsonObject(Object.entries(key).map(([name, value]) => [name, plainValue(value)])) : undefined;
}

/** Text as it is; numbers as the text that DynamoDB takes them in, which keeps all their digits; bytes are never shown. */
function plainValue(attribute: Tree | undefined): string {
  return textAt(attribute, "S") ?? textAt(attribute, "N") ?? hidden;
}

function batchGet(call: ApiCall): Json {
  const requests = valueAt(call.input, "RequestItems");
  return namesAt(requests)
    .slice(0, MAXIMUM_ITEMS)
    .map((tableName) => {
      const request = valueAt(requests, tableName);
      return jsonObject([
        ["tableName", tableName],
        [
          "keys",
          listAt(request, "Keys")
            .slice(0, MAXIMUM_ITEMS)
            .map((key) => plainItem(key) ?? {}),
        ],
        ["consistentRead", scalar(valueAt(request, "ConsistentRead"))],
        ["projectionExpression", textAt(request, "ProjectionExpression")],
        ["expressionAttributeNames", stringMap(valueAt(request, "ExpressionAttributeNames"))],
      ]);
    });
}

function batchWrite(call: ApiCall, tables: DynamodbTables): Json {
  const requests = valueAt(call.input, "RequestItems");
  return namesAt(requests)
    .flatMap((tableName) =>
      listAt(requests, tableName)
        .slice(0, MAXIMUM_ITEMS)
        .map((request) => {
          const put = valueAt(request, "PutRequest");
          const operation = put ?? valueAt(request, "DeleteRequest") ?? null;
          return jsonObject([
            ["operation", put === undefined ? "Delete" : "Put"],
            ["tableName", tableName],
            ...itemMembers(call, operation, tables, tableName),
          ]);
        }),
    )
    .slice(0, MAXIMUM_ITEMS);
}

function transaction(call: ApiCall, tables: DynamodbTables): Json {
  return listAt(call.input, "TransactItems")
    .slice(0, MAXIMUM_ITEMS)
    .flatMap((item) => {
      const [name] = namesAt(item);
      const operation = name === undefined ? undefined : valueAt(item, name);
      if (name === undefined || operation === undefined) return [];
      return [
        jsonObject([
          ["operation", name],
          ["tableName", textAt(operation, "TableName")],
          ...itemMembers(call, operation, tables),
          ["updateExpression", textAt(operation, "UpdateExpression")],
          ["projectionExpression", textAt(operation, "ProjectionExpression")],
          ["conditionExpression", textAt(operation, "ConditionExpression")],
          ["expressionAttributeNames", stringMap(valueAt(operation, "ExpressionAttributeNames"))],
          ["returnValuesOnConditionCheckFailure", textAt(operation, "ReturnValuesOnConditionCheckFailure")],
        ]),
      ];
    });
}

function statements(list: readonly Tree[]): Json {
  return list.slice(0, MAXIMUM_ITEMS).map((entry) =>
    jsonObject([
      ["statement", shownStatement(entry)],
      ["consistentRead", scalar(valueAt(entry, "ConsistentRead"))],
      ["returnValuesOnConditionCheckFailure", textAt(entry, "ReturnValuesOnConditionCheckFailure")],
    ]),
  );
}

function shownStatement(holder: Tree | undefined): string | undefined {
  const statement = textAt(holder, "Statement");
  return statement === undefined ? undefined : redactPartiql(statement);
}

function scalar(value: Tree | undefined): Json | undefined {
  return typeof value === "boolean" || typeof value === "string" || typeof value === "number" ? value : undefined;
}

function stringMap(value: Tree | undefined): JsonObject | undefined {
  if (!isTreeObject(value)) return undefined;
  return jsonObject(Object.entries(value).map(([name, text]) => [name, typeof text === "string" ? text : undefined]));
}
