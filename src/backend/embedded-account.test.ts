import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import * as logsModule from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodbModule from "@aws-sdk/client-dynamodb";
import * as eventsModule from "@aws-sdk/client-eventbridge";
import * as s3Module from "@aws-sdk/client-s3";
import * as snsModule from "@aws-sdk/client-sns";
import * as sqsModule from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import type { CallContext, EndpointRequest, EndpointResponse } from "../aws/endpoint.ts";
import { makeKeyId } from "../aws/key-id.ts";
import type { Protocol } from "../aws/protocol.ts";
import { DYNAMODB_OPERATIONS } from "./dynamodb/dynalite-messages.ts";
import { TestAccount } from "./embedded-account.test-support.ts";
import { EVENTS_OPERATIONS } from "./events/events-operations.ts";
import { LOGS_OPERATIONS } from "./logs/logs-operations.ts";
import { SNS_OPERATIONS, SQS_OPERATIONS } from "./messaging/fauxqs.ts";
import { S3_OPERATIONS } from "./s3/s3-operations.ts";

const catalogue = loadCatalogue();
let account: TestAccount;

function options(accessKeyId = "test") {
  const credentials = { accessKeyId, secretAccessKey: "test" };
  return { endpoint: account.url, region: "us-east-1", maxAttempts: 1, forcePathStyle: true, credentials };
}

beforeAll(async () => void (account = await new TestAccount().start()));
beforeEach(() => {
  account.callerArn = undefined;
  account.errors.length = 0;
});
afterAll(async () => await account.remove());

test("what it keeps is its owner's alone", async () => {
  await new s3Module.S3Client(options()).send(new s3Module.ListBucketsCommand());
  expect(statSync(join(account.directory, "embedded")).mode & 0o077).toBe(0);
});

/** Operations of the service that the embedded account does not have, and that clients reach by itself. */
function missing(serviceId: string, present: { has(name: string): boolean }): string[] {
  return (catalogue.service(serviceId)?.operationNames ?? []).filter((name) => !present.has(name));
}

interface Client {
  send(command: unknown): Promise<unknown>;
  destroy(): void;
}
type Module = Readonly<Record<string, unknown>>;

/** Every operation finds the members that must stand in its URL; the other operations pass over them. */
const INPUT = {
  Bucket: "no-such-bucket",
  Key: "key",
  Id: "id",
  AnnotationName: "name",
  RequestRoute: "route",
  RequestToken: "token",
  RenameSource: "/source",
  CopySource: "a/b",
  VersionId: "null",
  Body: "",
};

async function refusalOf(client: Client, module: Module, name: string): Promise<unknown> {
  const Command = module[`${name}Command`] as (new (input: object) => unknown) | undefined;
  if (Command === undefined) return "the SDK has no such command";
  try {
    return await client.send(new Command(INPUT));
  } catch (error) {
    return error;
  }
}

describe("what the embedded account does not have", () => {
  test.each([
    ["dynamodb", dynamodbModule, "DynamoDBClient", DYNAMODB_OPERATIONS, 57 - 17],
    ["sqs", sqsModule, "SQSClient", SQS_OPERATIONS, 6],
    ["sns", snsModule, "SNSClient", SNS_OPERATIONS, 25],
    ["s3", s3Module, "S3Client", S3_OPERATIONS, 70],
    ["cloudwatch-logs", logsModule, "CloudWatchLogsClient", LOGS_OPERATIONS, 80],
    ["eventbridge", eventsModule, "EventBridgeClient", EVENTS_OPERATIONS, 35],
  ] as const)("every other operation of %s is NotImplemented to the SDK", async (id, module, clientName, present, atLeast) => {
    const make = (module as Module)[clientName] as new (input: object) => Client;
    const client = new make(options());
    const names = missing(id, present).filter((name) => (module as Module)[`${name}Command`] !== undefined);
    // S3 signs CreateSession and WriteGetObjectResponse in ways of their own, or sends them to other hosts, as CloudWatch Logs does.
    const elsewhere = ["WriteGetObjectResponse", "ListDirectoryBuckets", "StartLiveTail", "GetLogObject"];
    const reached = names.filter((name) => !elsewhere.includes(name));
    expect(reached.length).toBeGreaterThanOrEqual(atLeast);
    const wrong: unknown[] = [];
    for (const name of reached) {
      const error = (await refusalOf(client, module as Module, name)) as {
        name?: string;
        $metadata?: { httpStatusCode?: number };
      };
      const status = error.$metadata?.httpStatusCode;
      const asExpected = error.name === "NotImplemented" && status === 501;
      if (!asExpected) wrong.push([name, error.name, status, String(error)]);
    }
    expect(wrong).toEqual([]);
    expect(account.errors).toEqual([]);
    client.destroy();
  });

  test("what is present is what the catalogue knows", () => {
    for (const [id, present] of [
      ["dynamodb", DYNAMODB_OPERATIONS],
      ["sqs", SQS_OPERATIONS],
      ["sns", SNS_OPERATIONS],
      ["s3", new Set(S3_OPERATIONS.keys())],
      ["cloudwatch-logs", new Set(LOGS_OPERATIONS.keys())],
      ["eventbridge", new Set(EVENTS_OPERATIONS.keys())],
    ] as const) {
      const known = new Set(catalogue.service(id)?.operationNames);
      // The name by which dynalite, like the service model of old, calls it.
      expect([...present].filter((name) => !known.has(name))).toEqual([]);
    }
  });

  test.each<[Protocol, string, RegExp]>([
    ["awsJson1_0", "application/x-amz-json-1.0", /"__type":"NotImplemented"/],
    ["awsJson1_1", "application/x-amz-json-1.1", /"__type":"NotImplemented"/],
    ["awsQuery", "text/xml", /<Code>NotImplemented<\/Code>/],
    ["ec2Query", "text/xml;charset=UTF-8", /<Response><Errors><Error><Code>NotImplemented<\/Code>/],
    ["restXml", "text/xml", /<Code>NotImplemented<\/Code>/],
    ["restJson1", "application/json", /"message":"The embedded account does not have no-such-service Do\./],
    ["rpcv2Cbor", "application/cbor", /NotImplemented/],
  ])("another service, in %s", async (protocol, contentType, body) => {
    const answer = await send({ serviceId: "no-such-service", operationName: "Do", protocol });
    expect(answer.status).toBe(501);
    expect(headersOf(answer).get("content-type")).toBe(contentType);
    expect(Buffer.from(answer.body as Uint8Array).toString("latin1")).toMatch(body);
  });

  test.each([
    ["application/x-amz-json-1.1", "application/x-amz-json-1.1"],
    ["application/x-www-form-urlencoded; charset=utf-8", "text/xml"],
    ["application/cbor", "application/cbor"],
    ["text/plain", "application/json"],
  ])("without a protocol, a body of type %s tells it", async (sent, expected) => {
    const answer = await send({ serviceId: "constructor", operationName: "toString" }, ["Content-Type", sent]);
    expect(answer.status).toBe(501);
    expect(headersOf(answer).get("content-type")).toBe(expected);
  });

  test("what SQS lacks, in the query protocol too, and DynamoDB Streams", async () => {
    const sqs = await send({ serviceId: "sqs", operationName: "StartMessageMoveTask", protocol: "awsQuery" });
    expect([sqs.status, headersOf(sqs).get("content-type")]).toEqual([501, "text/xml"]);
    const streams = await send({ serviceId: "dynamodb-streams", operationName: "ListStreams", protocol: "awsJson1_0" });
    expect([streams.status, headersOf(streams).get("content-type")]).toEqual([501, "application/x-amz-json-1.0"]);
  });

  async function send(context: Partial<CallContext>, headers: readonly string[] = []): Promise<EndpointResponse> {
    const request: EndpointRequest = {
      method: "POST",
      target: "/",
      headers: ["Host", "localhost", ...headers],
      body: undefined,
      signal: new AbortController().signal,
      context: {
        operation: undefined,
        serviceId: "",
        operationName: "",
        region: "us-east-1",
        accountId: "000000000000",
        accessKeyId: undefined,
        callerArn: undefined,
        requestId: "the-request",
        ...context,
      },
    };
    return await account.endpoint.send(request);
  }

  function headersOf({ headers }: EndpointResponse): Map<string, string> {
    const found = new Map<string, string>();
    for (let index = 0; index < headers.length; index += 2) found.set(headers[index]!.toLowerCase(), headers[index + 1]!);
    return found;
  }
});

describe("STS", () => {
  const ACCOUNT = "111122223333";

  async function identity(callerArn: string | undefined) {
    account.callerArn = callerArn;
    const client = new STSClient(options(makeKeyId("AKIA", ACCOUNT)));
    try {
      const { Account, Arn, UserId } = await client.send(new GetCallerIdentityCommand({}));
      return { Account, Arn, UserId };
    } finally {
      client.destroy();
    }
  }

  test("whoever is not known is the account itself", async () => {
    expect(await identity(undefined)).toEqual({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:root`, UserId: ACCOUNT });
  });

  test.each([
    [`arn:aws:iam::${ACCOUNT}:root`, /^111122223333$/],
    [`arn:aws:iam::${ACCOUNT}:user/path/Alice`, /^AIDA[A-Z2-7]{17}$/],
    [`arn:aws:sts::${ACCOUNT}:assumed-role/Admin/session`, /^AROA[A-Z2-7]{17}:session$/],
    [`arn:aws:sts::${ACCOUNT}:federated-user/Bob`, /^111122223333:Bob$/],
  ])("%s", async (arn, userId) => {
    const first = await identity(arn);
    expect(first).toMatchObject({ Account: ACCOUNT, Arn: arn, UserId: expect.stringMatching(userId) });
    expect(await identity(arn)).toEqual(first);
  });

  test("nothing else", async () => {
    const client = new STSClient(options());
    await expect(client.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: "NotImplemented",
      $metadata: { httpStatusCode: 501 },
    });
    client.destroy();
  });
});

describe("opening and closing", () => {
  test("nothing is loaded or written before it is asked for; after closing nothing answers", async () => {
    const idle = await new TestAccount().start();
    expect(existsSync(join(idle.directory, "embedded"))).toBe(false);
    await fetch(`${idle.url}/`);
    expect(existsSync(join(idle.directory, "embedded/s3/s3.sqlite"))).toBe(true);
    expect(existsSync(join(idle.directory, "embedded/messaging"))).toBe(false);
    const { endpoint } = idle;
    await idle.stop();
    await expect(
      endpoint.send({
        method: "GET",
        target: "/",
        headers: [],
        body: undefined,
        signal: new AbortController().signal,
        context: {
          operation: undefined,
          serviceId: "s3",
          operationName: "ListBuckets",
          region: "us-east-1",
          accountId: "000000000000",
          accessKeyId: undefined,
          callerArn: undefined,
          requestId: "r",
        },
      }),
    ).rejects.toMatchObject({ name: "EndpointFailure", reason: "unreachable" });
    await idle.remove();
  });
});
