import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKeyId } from "../../aws/key-id.ts";
import { TestAccount } from "../embedded-account.test-support.ts";

const ACCOUNT = "111122223333";
let account: TestAccount;
let dynamodb: DynamoDBClient;
const clients: DynamoDBClient[] = [];

function connect(accountId = ACCOUNT, region = "us-east-1"): DynamoDBClient {
  const client = new DynamoDBClient({
    endpoint: account.url,
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: makeKeyId("AKIA", accountId), secretAccessKey: "test" },
  });
  clients.push(client);
  return client;
}

async function table(TableName: string, client = dynamodb): Promise<string> {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [
        { AttributeName: "id", KeyType: "HASH" },
        { AttributeName: "at", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "at", AttributeType: "N" },
      ],
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
    }),
  );
  await active(TableName, client);
  return TableDescription!.TableArn!;
}

async function active(TableName: string, client = dynamodb): Promise<void> {
  await expect.poll(async () => (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus).toBe("ACTIVE");
}

/** A signed request, as far as anybody looks at it. */
async function raw(operation: string, body: string): Promise<Response> {
  const credential = `${makeKeyId("AKIA", ACCOUNT)}/20260302/us-east-1/dynamodb/aws4_request`;
  return await fetch(account.url, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=ab`,
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
    },
    body,
  });
}

const key = (id: string, at: number) => ({ id: { S: id }, at: { N: String(at) } });

const HOSTILE: [string, object][] = [
  ["BatchWriteItem", { RequestItems: { items: [{ PutRequest: null }] } }],
  ["BatchWriteItem", { RequestItems: { items: [{}] } }],
  ["CreateTable", { TableName: "__proto__", KeySchema: [null] }],
  ["GetItem", { TableName: "__proto__", Key: key("a", 1) }],
  ["UpdateItem", { TableName: "items", Key: key("kept", 1), UpdateExpression: "SET a[99999999999999999999] = :v" }],
  ["PutItem", { TableName: "items", Item: { ...key("kept", 2), n: { NS: ["1e9999999999999", "x"] } } }],
  ["Scan", { TableName: "items", ExclusiveStartKey: { id: { S: "" }, at: { N: "x" } } }],
];

beforeAll(async () => {
  account = await new TestAccount().start();
  dynamodb = connect();
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await account.remove();
});

describe("DynamoDB", () => {
  test("tables: made, described, listed, tagged, changed, removed", async () => {
    const arn = await table("tables");
    expect(arn).toBe(`arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/tables`);
    await table("tables-too");
    const first = await dynamodb.send(new ListTablesCommand({ Limit: 1 }));
    const ExclusiveStartTableName = first.LastEvaluatedTableName;
    const rest = await dynamodb.send(new ListTablesCommand({ ExclusiveStartTableName }));
    expect([...first.TableNames!, ...rest.TableNames!]).toEqual(["tables", "tables-too"]);
    await dynamodb.send(new TagResourceCommand({ ResourceArn: arn, Tags: [{ Key: "a", Value: "b" }] }));
    expect((await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: arn }))).Tags).toEqual([{ Key: "a", Value: "b" }]);
    await dynamodb.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: ["a"] }));
    expect((await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: arn }))).Tags).toEqual([]);
    const ttl = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: "tables" }));
    expect(ttl.TimeToLiveDescription?.TimeToLiveStatus).toBe("DISABLED");
    const ProvisionedThroughput = { ReadCapacityUnits: 2, WriteCapacityUnits: 2 };
    await dynamodb.send(new UpdateTableCommand({ TableName: "tables", ProvisionedThroughput }));
    await active("tables");
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: "tables" }));
    expect(Table?.ProvisionedThroughput).toMatchObject(ProvisionedThroughput);
    await dynamodb.send(new DeleteTableCommand({ TableName: "tables-too" }));
    await expect.poll(async () => (await dynamodb.send(new ListTablesCommand({}))).TableNames).toEqual(["tables"]);
  });

  test("items: put, got, changed, queried, scanned, deleted, in batches", async () => {
    const TableName = "items";
    await table(TableName);
    await dynamodb.send(
      new PutItemCommand({ TableName, Item: { ...key("a", 1), text: { S: "ü" }, bytes: { B: Buffer.from([0, 255]) } } }),
    );
    const got = await dynamodb.send(new GetItemCommand({ TableName, Key: key("a", 1), ConsistentRead: true }));
    expect(got.Item).toMatchObject({ text: { S: "ü" }, bytes: { B: Uint8Array.of(0, 255) } });
    const changed = await dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key: key("a", 1),
        UpdateExpression: "SET n = if_not_exists(n, :zero) + :one",
        ExpressionAttributeValues: { ":zero": { N: "0" }, ":one": { N: "1" } },
        ReturnValues: "UPDATED_NEW",
      }),
    );
    expect(changed.Attributes).toEqual({ n: { N: "1" } });
    await expect(
      dynamodb.send(new PutItemCommand({ TableName, Item: key("a", 1), ConditionExpression: "attribute_not_exists(id)" })),
    ).rejects.toMatchObject({ name: "ConditionalCheckFailedException", $metadata: { httpStatusCode: 400 } });
    await dynamodb.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [2, 3, 4].map((at) => ({ PutRequest: { Item: key("a", at) } })) },
      }),
    );
    const batch = await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key("a", 2), key("a", 9)] } } }),
    );
    expect(batch.Responses?.[TableName]).toEqual([key("a", 2)]);
    const queried = await dynamodb.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "id = :id AND #at > :at",
        ExpressionAttributeNames: { "#at": "at" },
        ExpressionAttributeValues: { ":id": { S: "a" }, ":at": { N: "1" } },
        ScanIndexForward: false,
        Limit: 2,
      }),
    );
    expect(queried.Items).toEqual([key("a", 4), key("a", 3)]);
    expect(queried.LastEvaluatedKey).toEqual(key("a", 3));
    await dynamodb.send(new DeleteItemCommand({ TableName, Key: key("a", 4) }));
    expect((await dynamodb.send(new ScanCommand({ TableName }))).Count).toBe(3);
  });

  test("errors are DynamoDB's own", async () => {
    await expect(dynamodb.send(new DescribeTableCommand({ TableName: "none" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(dynamodb.send(new GetItemCommand({ TableName: "n", Key: {} }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    for (const body of ["", "{", "[]", "null", '"x"']) {
      const answer = await raw("ListTables", body);
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as { __type: string }).__type).toContain("SerializationException");
    }
  });

  test.each(HOSTILE)("a hostile %s is refused", async (operation, body) => {
    await dynamodb.send(new ListTablesCommand({}));
    const answer = await raw(operation, JSON.stringify(body));
    expect(answer.status).toBe(400);
    expect(account.errors).toEqual([]);
  });

  test("an expression that dynalite never comes back from costs that call; the next one finds what was there", async () => {
    await table("survivor");
    await dynamodb.send(new PutItemCommand({ TableName: "survivor", Item: key("kept", 1) }));
    const endless = { TableName: "survivor", KeyConditionExpression: "((((((((((id = :a" };
    const answer = await raw("Query", JSON.stringify(endless));
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ __type: "InternalServerError" });
    expect(account.errors.splice(0).join()).toContain("stuck");
    const got = await dynamodb.send(new GetItemCommand({ TableName: "survivor", Key: key("kept", 1) }));
    expect(got.Item).toEqual(key("kept", 1));
  });

  test("one name in four places is four tables, and all are there after a restart", async () => {
    const places = [ACCOUNT, "444455556666"].flatMap((id) => ["us-east-1", "eu-west-1"].map((region) => [id, region] as const));
    for (const [id, region] of places) {
      const there = connect(id, region);
      expect(await table("same", there)).toBe(`arn:aws:dynamodb:${region}:${id}:table/same`);
      await there.send(new PutItemCommand({ TableName: "same", Item: { ...key("k", 1), place: { S: `${id} ${region}` } } }));
    }
    await account.restart();
    for (const [id, region] of places) {
      const { Items } = await connect(id, region).send(new ScanCommand({ TableName: "same" }));
      expect(Items).toEqual([{ ...key("k", 1), place: { S: `${id} ${region}` } }]);
    }
    expect(readdirSync(join(account.directory, "embedded/dynamodb")).toSorted()).toEqual([ACCOUNT, "444455556666"]);
  });
});
