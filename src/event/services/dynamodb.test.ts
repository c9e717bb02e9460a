import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../aws/tree.ts";
import { generalRequestParameters, generalResponseElements } from "../general-parameters.ts";
import { deployer, finishedCall, recordsOf, type WireFixture } from "../golden.test-support.ts";
import { createServiceRules } from "./all.ts";
import { dynamodb } from "./dynamodb.ts";
import { DynamodbTables } from "./dynamodb-tables.ts";
import { expectedRecord } from "./expected-record.test-support.ts";

const arn = "arn:aws:dynamodb:us-east-1:123456789012:table/Orders";
const tableResource = { accountId: "123456789012", type: "AWS::DynamoDB::Table", ARN: arn };

function fixture(operation: string, body: unknown, answer: unknown = {}, status = 200): WireFixture {
  return {
    service: "dynamodb",
    operation,
    protocol: "awsJson1_0",
    host: "dynamodb.us-east-1.amazonaws.com",
    headers: { "x-amz-target": `DynamoDB_20120810.${operation}` },
    body: JSON.stringify(body),
    caller: deployer,
    requestId: "4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG",
    eventId: "eeeeeeee-0000-4000-8000-000000000022",
    completed: "2026-03-02T09:08:00Z",
    userAgent: "agent",
    answer: { status, body: JSON.stringify(answer) },
  };
}

const item = { orderId: { S: "o-1001" }, customer: { S: "secret" }, total: { N: "12.50" } };
const putItem = fixture("PutItem", { TableName: "Orders", Item: item, ReturnConsumedCapacity: "TOTAL" });

/** Tables that have learned from these exchanges. */
function learned(...fixtures: readonly WireFixture[]): DynamodbTables {
  const tables = new DynamodbTables();
  for (const each of fixtures) tables.learn(finishedCall(each));
  return tables;
}

function parameters(exchange: WireFixture, tables = new DynamodbTables()): JsonObject | null | undefined {
  const call = finishedCall(exchange);
  return dynamodb(tables).requestParameters?.(call, generalRequestParameters(call, { showSessionTokens: false }));
}

const description = {
  TableArn: arn,
  KeySchema: [
    { AttributeName: "created", KeyType: "RANGE" },
    { AttributeName: "orderId", KeyType: "HASH" },
  ],
  StreamSpecification: { StreamEnabled: true },
  LatestStreamArn: `${arn}/stream/2026-03-02T00:00:00.000`,
};

describe("PutItem", () => {
  test("whole record once the key is known: the key's values and the attributes' names", () => {
    const tables = learned(fixture("GetItem", { TableName: "Orders", Key: { orderId: { S: "o-1" } } }));
    const records = recordsOf(putItem, { rules: createServiceRules({ tables }) });
    expect(records).toEqual([
      expectedRecord("deployer", "dynamodb.us-east-1.amazonaws.com", {
        eventTime: "2026-03-02T09:08:00Z",
        eventSource: "dynamodb.amazonaws.com",
        eventName: "PutItem",
        userAgent: "agent",
        requestParameters: {
          tableName: "Orders",
          key: { orderId: "o-1001" },
          items: ["orderId", "customer", "total"],
          returnConsumedCapacity: "TOTAL",
        },
        responseElements: null,
        requestID: "4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG",
        eventID: "eeeeeeee-0000-4000-8000-000000000022",
        readOnly: false,
        resources: [tableResource],
        apiVersion: "2012-08-10",
        managementEvent: false,
      }),
    ]);
  });

  test("through the builder, with nothing known: no key", () => {
    const [record] = recordsOf(putItem);
    expect(record).toMatchObject({
      eventSource: "dynamodb.amazonaws.com",
      eventName: "PutItem",
      responseElements: null,
      readOnly: false,
      resources: [tableResource],
      apiVersion: "2012-08-10",
      managementEvent: false,
      eventCategory: "Data",
    });
    expect(record?.requestParameters).toEqual({
      tableName: "Orders",
      items: ["orderId", "customer", "total"],
      returnConsumedCapacity: "TOTAL",
    });
  });
});

describe("items by key", () => {
  test("UpdateItem keeps expressions and drops values", () => {
    expect(
      parameters(
        fixture("UpdateItem", {
          TableName: "Orders",
          Key: { orderId: { S: "o-1" }, created: { N: "12345678901234567890" }, blob: { B: "AAEC" } },
          UpdateExpression: "SET #t = :t",
          ExpressionAttributeNames: { "#t": "total" },
          ExpressionAttributeValues: { ":t": { S: "secret" } },
          ReturnValues: "ALL_OLD",
        }),
      ),
    ).toEqual({
      tableName: "Orders",
      key: { orderId: "o-1", created: "12345678901234567890", blob: "HIDDEN_DUE_TO_SECURITY_REASONS" },
      updateExpression: "SET #t = :t",
      expressionAttributeNames: { "#t": "total" },
      returnValue: "ALL_OLD",
    });
  });

  test("BatchGetItem as an array", () => {
    expect(
      parameters(
        fixture("BatchGetItem", {
          RequestItems: { Orders: { Keys: [{ orderId: { S: "a" } }, { orderId: { S: "b" } }], ConsistentRead: true } },
        }),
      ),
    ).toEqual({ requestItems: [{ tableName: "Orders", keys: [{ orderId: "a" }, { orderId: "b" }], consistentRead: true }] });
  });

  test("BatchWriteItem as an array", () => {
    const tables = learned(
      fixture("DescribeTable", { TableName: "Orders" }, { Table: { ...description, KeySchema: description.KeySchema.slice(1) } }),
    );
    const write = { Orders: [{ PutRequest: { Item: item } }, { DeleteRequest: { Key: { orderId: { S: "b" } } } }] };
    expect(parameters(fixture("BatchWriteItem", { RequestItems: write }), tables)).toEqual({
      requestItems: [
        { operation: "Put", tableName: "Orders", key: { orderId: "o-1001" }, items: ["orderId", "customer", "total"] },
        { operation: "Delete", tableName: "Orders", key: { orderId: "b" } },
      ],
    });
  });

  test("transactions as an array with the kind of each part", () => {
    expect(
      parameters(
        fixture("TransactWriteItems", {
          TransactItems: [
            { Put: { TableName: "Orders", Item: item, ConditionExpression: "attribute_not_exists(orderId)" } },
            {
              ConditionCheck: {
                TableName: "Orders",
                Key: { orderId: { S: "x" } },
                ConditionExpression: "#a = :a",
                ExpressionAttributeNames: { "#a": "a" },
                ExpressionAttributeValues: { ":a": { S: "secret" } },
                ReturnValuesOnConditionCheckFailure: "NONE",
              },
            },
          ],
          ClientRequestToken: "t",
        }),
      ),
    ).toEqual({
      requestItems: [
        {
          operation: "Put",
          tableName: "Orders",
          items: ["orderId", "customer", "total"],
          conditionExpression: "attribute_not_exists(orderId)",
        },
        {
          operation: "ConditionCheck",
          tableName: "Orders",
          key: { orderId: "x" },
          conditionExpression: "#a = :a",
          expressionAttributeNames: { "#a": "a" },
          returnValuesOnConditionCheckFailure: "NONE",
        },
      ],
      clientRequestToken: "t",
    });
  });

  test("PartiQL without literals and parameters", () => {
    const statement = { Statement: `SELECT * FROM "Orders" WHERE id = 'secret' AND n > ?`, Parameters: [{ N: "5" }] };
    const redacted = `SELECT * FROM "Orders" WHERE id = ***(Redacted) AND n > ?`;
    expect(parameters(fixture("ExecuteStatement", { ...statement, Limit: 3 }))).toEqual({ statement: redacted, limit: 3 });
    expect(parameters(fixture("BatchExecuteStatement", { Statements: [statement] }))).toEqual({
      requestItems: [{ statement: redacted }],
    });
    expect(parameters(fixture("ExecuteTransaction", { TransactStatements: [statement] }))).toEqual({
      requestItems: [{ statement: redacted }],
    });
    const [record] = recordsOf(fixture("ExecuteStatement", statement));
    expect(record).toMatchObject({ readOnly: false, resources: [tableResource] });
  });

  test.each(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "ExecuteStatement"])(
    "%s shows no answer, and nowhere a value",
    (operation) => {
      const body = {
        TableName: "Orders",
        Item: item,
        Key: { orderId: { S: "o" } },
        RequestItems: { Orders: [{ PutRequest: { Item: item } }] },
        TransactItems: [{ Put: { TableName: "Orders", Item: item } }],
        Statement: "INSERT INTO Orders VALUE {'a': 'secret'}",
        Expected: { a: { Value: { S: "secret" } } },
        AttributeUpdates: { a: { Value: { S: "secret" } } },
        ExpressionAttributeValues: { ":a": { S: "secret" } },
      };
      const [record] = recordsOf(fixture(operation, body, { Attributes: item, Items: [item], ItemCollectionMetrics: {} }));
      expect(record?.responseElements).toBeNull();
      expect(JSON.stringify(record)).not.toContain("secret");
    },
  );
});

describe("control plane", () => {
  test("CreateTable shows the table's description", () => {
    const [record] = recordsOf(
      fixture("CreateTable", { TableName: "Orders", KeySchema: description.KeySchema }, { TableDescription: description }),
    );
    expect(record).toMatchObject({
      requestParameters: { tableName: "Orders", keySchema: [{ attributeName: "created" }, { attributeName: "orderId" }] },
      responseElements: { tableDescription: { tableArn: arn } },
      managementEvent: true,
    });
    expect(record).not.toHaveProperty("resources");
  });
});

describe("DynamodbTables", () => {
  test("learns keys in order and streams from descriptions", () => {
    const tables = learned(fixture("DescribeTable", { TableName: "Orders" }, { Table: description }));
    expect(tables.keyNames(arn)).toEqual(["orderId", "created"]);
    const resources = dynamodb(tables).resources?.(finishedCall(putItem), { requestParameters: null, responseElements: null });
    expect(resources).toEqual([
      tableResource,
      { accountId: "123456789012", type: "AWS::DynamoDB::Stream", ARN: description.LatestStreamArn },
    ]);
    // The item has no `created`: no half a key is shown.
    expect(parameters(putItem, tables)).not.toHaveProperty("key");
  });

  test("forgets deleted tables, and learns nothing from failures", () => {
    const described = fixture("CreateTable", { TableName: "Orders" }, { TableDescription: description });
    expect(learned(described, fixture("DeleteTable", { TableName: "Orders" })).keyNames(arn)).toBeUndefined();
    const failed = fixture(
      "GetItem",
      { TableName: "Orders", Key: { nope: { S: "x" } } },
      { __type: "x#ValidationException" },
      400,
    );
    expect(learned(failed).keyNames(arn)).toBeUndefined();
  });

  test("holds a bounded number of tables, the latest", () => {
    const tables = new DynamodbTables();
    const call = finishedCall(fixture("GetItem", { TableName: "T", Key: { id: { S: "x" } } }));
    for (let table = 0; table < 10_050; table++)
      tables.learn({ ...call, input: { TableName: `T${table}`, Key: { id: { S: "x" } } } });
    expect(tables.keyNames(`${arn.slice(0, -6)}T0`)).toBeUndefined();
    expect(tables.keyNames(`${arn.slice(0, -6)}T10049`)).toEqual(["id"]);
  });

  test("the table may be given by ARN", () => {
    const tables = learned(fixture("GetItem", { TableName: arn, Key: { orderId: { S: "o" } } }));
    expect(tables.keyNames(arn)).toEqual(["orderId"]);
  });
});

test("the general rule alone would show no item either", () => {
  const call = finishedCall(fixture("PutItem", { TableName: "Orders", Item: item }, { Attributes: item }));
  expect(generalRequestParameters(call, { showSessionTokens: false })).toEqual({ tableName: "Orders" });
  expect(JSON.stringify(generalResponseElements(call, { showSessionTokens: false }))).not.toContain("12.50");
});
