import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  type AdvancedEventSelector,
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test } from "vitest";
import { FlakyS3 } from "../crash/support/flaky-s3.ts";
import { Random } from "../crash/support/random.ts";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { authorization } from "../support/raw-call.ts";

const BUCKET = "trail-logs";
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(flags: readonly string[] = []): Promise<OpenTrailProcess> {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-config-"));
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, "delivery: { flushSeconds: 1 }\n");
  const process = await startOpenTrail({ flags: ["--config", config, ...flags] });
  closers.push(
    () => rmSync(directory, { recursive: true }),
    async () => await process.remove(),
  );
  return process;
}

/** What each SDK client is made with. */
const settings = (url: string, region = "us-east-1"): { endpoint: string; region: string; credentials: typeof credentials } => ({
  endpoint: url,
  region,
  credentials,
});
const s3Of = (url: string): S3Client => new S3Client({ ...settings(url), forcePathStyle: true });

interface Delivered {
  readonly key: string;
  readonly record: CloudTrailRecord;
}

/** All records below the prefix, read as any reader of the bucket would. */
async function delivered(s3: S3Client, prefix: string): Promise<readonly Delivered[]> {
  const found: Delivered[] = [];
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${prefix}/AWSLogs/` }));
  for (const { Key: key = "" } of Contents) {
    if (key.endsWith("/") || key.includes("-Digest/")) continue;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    const { Records } = JSON.parse(gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString()) as {
      Records: CloudTrailRecord[];
    };
    found.push(...Records.map((record) => ({ key, record })));
  }
  return found;
}

async function makeTrail(
  url: string,
  name: string,
  options: { region?: string; multi?: boolean; selectors?: AdvancedEventSelector[] } = {},
): Promise<void> {
  const cloudTrail = new CloudTrailClient(settings(url, options.region));
  const trail = { Name: name, S3BucketName: BUCKET, S3KeyPrefix: name, IsMultiRegionTrail: options.multi === true };
  await cloudTrail.send(new CreateTrailCommand(trail));
  if (options.selectors !== undefined)
    await cloudTrail.send(new PutEventSelectorsCommand({ TrailName: name, AdvancedEventSelectors: options.selectors }));
  await cloudTrail.send(new StartLoggingCommand({ Name: name }));
}

const dataSelector = (type: string, arn: { StartsWith: string[] } | { Equals: string[] }): AdvancedEventSelector => ({
  FieldSelectors: [
    { Field: "eventCategory", Equals: ["Data"] },
    { Field: "resources.type", Equals: [type] },
    { Field: "resources.ARN", ...arn },
  ],
});

const names = (found: readonly Delivered[]): string[] => found.map(({ record }) => String(record["eventName"])).toSorted();

describe("a trail", () => {
  test("of all Regions gets each of them, one of a single Region its own; IAM comes once, under us-east-1", async () => {
    const { url } = await start();
    const s3 = s3Of(url);
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await makeTrail(url, "everywhere", { multi: true });
    await makeTrail(url, "paris", { region: "eu-west-3" });
    const regions = ["us-east-1", "eu-west-3", "ap-south-1"];
    for (const region of regions)
      await new SQSClient(settings(url, region)).send(new CreateQueueCommand({ QueueName: `jobs-${region}` }));
    // The embedded account has no IAM: a call that fails is a call all the same.
    await new IAMClient({ ...settings(url, "eu-west-3"), maxAttempts: 1 })
      .send(new CreateUserCommand({ UserName: "ada" }))
      .catch(() => {});

    const everywhere = await until(async () => {
      const found = await delivered(s3, "everywhere");
      return names(found).includes("CreateUser") && names(found).filter((name) => name === "CreateQueue").length === 3
        ? found
        : undefined;
    }, "the events of three Regions and IAM");
    for (const { key, record } of everywhere) expect(key).toContain(`/CloudTrail/${record["awsRegion"]}/`);
    const users = everywhere.filter(({ record }) => record["eventName"] === "CreateUser");
    expect(users.map(({ record }) => record["awsRegion"])).toEqual(["us-east-1"]);
    const queues = everywhere.filter(({ record }) => record["eventName"] === "CreateQueue");
    expect(queues.map(({ record }) => record["awsRegion"]).toSorted()).toEqual(regions.toSorted());

    const paris = await until(async () => {
      const found = await delivered(s3, "paris");
      return names(found).includes("CreateQueue") ? found : undefined;
    }, "the events of Paris");
    expect(new Set(paris.map(({ record }) => record["awsRegion"]))).toEqual(new Set(["eu-west-3"]));
    expect(names(paris)).toEqual(["CreateQueue", "StartLogging"]);
  });

  test("for one prefix of a bucket and one table records what is done there and nothing else", async () => {
    const { url } = await start();
    const s3 = s3Of(url);
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await s3.send(new CreateBucketCommand({ Bucket: "files" }));
    const dynamodb = new DynamoDBClient(settings(url));
    for (const TableName of ["orders", "other"]) {
      await dynamodb.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        }),
      );
    }
    await makeTrail(url, "objects", {
      selectors: [dataSelector("AWS::S3::Object", { StartsWith: ["arn:aws:s3:::files/private/"] })],
    });
    const table = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
    await makeTrail(url, "items", { selectors: [dataSelector("AWS::DynamoDB::Table", { Equals: [table] })] });

    for (const Key of ["public/a", "private/a"]) {
      await s3.send(new PutObjectCommand({ Bucket: "files", Key, Body: "text" }));
      await s3.send(new GetObjectCommand({ Bucket: "files", Key })).then(({ Body }) => Body?.transformToString());
      await s3.send(new DeleteObjectCommand({ Bucket: "files", Key }));
    }
    const id = { id: { S: "1" } };
    for (const TableName of ["other", "orders"]) {
      await dynamodb.send(new PutItemCommand({ TableName, Item: id }));
      await dynamodb.send(new GetItemCommand({ TableName, Key: id }));
      const update = { UpdateExpression: "SET n = :n", ExpressionAttributeValues: { ":n": { N: "1" } } };
      await dynamodb.send(new UpdateItemCommand({ TableName, Key: id, ...update }));
      await dynamodb.send(new DeleteItemCommand({ TableName, Key: id }));
    }

    const objects = await until(async () => {
      const found = await delivered(s3, "objects");
      return found.length >= 3 ? found : undefined;
    }, "three object events");
    expect(names(objects)).toEqual(["DeleteObject", "GetObject", "PutObject"]);
    for (const { record } of objects)
      expect(record["requestParameters"]).toMatchObject({ bucketName: "files", key: "private/a" });
    const items = await until(async () => {
      const found = await delivered(s3, "items");
      return found.length >= 4 ? found : undefined;
    }, "four item events");
    expect(names(items)).toEqual(["DeleteItem", "GetItem", "PutItem", "UpdateItem"]);
    for (const { record } of items) expect(record["requestParameters"]).toMatchObject({ tableName: "orders" });
  });

  test("that selects its own bucket has CloudTrail's own calls as AWS records them", async () => {
    const { url } = await start();
    const s3 = s3Of(url);
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const management: AdvancedEventSelector = { FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }] };
    const data = dataSelector("AWS::S3::Object", { StartsWith: [`arn:aws:s3:::${BUCKET}/`] });
    await makeTrail(url, "itself", { selectors: [management, data] });
    // The check of a trail that is changed asks for the bucket's ACL.
    await new CloudTrailClient(settings(url)).send(new UpdateTrailCommand({ Name: "itself" }));

    const own = await until(async () => {
      const found = (await delivered(s3, "itself")).map(({ record }) => record);
      const ours = found.filter(({ sourceIPAddress }) => sourceIPAddress === "cloudtrail.amazonaws.com");
      const [acl, put] = ["GetBucketAcl", "PutObject"].map((name) => ours.find(({ eventName }) => eventName === name));
      return acl === undefined || put === undefined ? undefined : [acl, put];
    }, "CloudTrail's own calls");
    const host = `${BUCKET}.s3.us-east-1.amazonaws.com`;
    for (const record of own) {
      expect(record).toMatchObject({
        userIdentity: { type: "AWSService", invokedBy: "cloudtrail.amazonaws.com" },
        userAgent: "cloudtrail.amazonaws.com",
        sharedEventID: expect.stringMatching(/^[\da-f-]{36}$/),
      });
    }
    expect(own[0]?.["requestParameters"]).toEqual({ bucketName: BUCKET, Host: host, acl: "" });
    expect(own[1]?.["requestParameters"]).toEqual({
      bucketName: BUCKET,
      Host: host,
      key: expect.stringMatching(/^itself\/AWSLogs\//),
      "x-amz-acl": "bucket-owner-full-control",
      "x-amz-server-side-encryption": "AES256",
    });
  });

  test("for one function records its invocations and nothing else", async () => {
    const backend = new FlakyS3(new Random(1));
    backend.failing = false;
    await backend.listen();
    closers.push(async () => await backend.close());
    const { url } = await start(["--upstream", backend.url]);
    const arn = "arn:aws:lambda:us-east-1:000000000000:function:jobs";
    await makeTrail(url, "functions", { selectors: [dataSelector("AWS::Lambda::Function", { Equals: [arn] })] });
    for (const name of ["other", "jobs", "jobs2"]) {
      const response = await fetch(`${url}/2015-03-31/functions/${name}/invocations`, {
        method: "POST",
        headers: { authorization: authorization("lambda") },
        body: "{}",
      });
      await response.arrayBuffer();
    }
    const records = await until(async () => {
      const found = [...backend.objects.values()].flatMap(
        ({ body }) => (JSON.parse(gunzipSync(body).toString()) as { Records: CloudTrailRecord[] }).Records,
      );
      return found.length > 0 ? found : undefined;
    }, "an invocation in a file");
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ eventName: "Invoke", resources: [{ type: "AWS::Lambda::Function", ARN: arn }] });
  });
});
