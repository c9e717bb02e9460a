import { request } from "node:http";
import { Readable } from "node:stream";
import {
  CreateEventDataStoreCommand,
  GetTrailCommand,
  ListTrailsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UnsupportedOperationException,
} from "@aws-sdk/client-cloudtrail";
import * as fc from "fast-check";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadCatalogue } from "../../aws/catalogue/catalogue.ts";
import { EndpointFailure } from "../../aws/endpoint.ts";
import { ACCOUNT, failure, serveApi, type ServedApi } from "./api.test-support.ts";
import { createCloudTrailApi } from "./cloudtrail-api.ts";
import { OPERATIONS } from "./operations.ts";
import { AWS_QUOTAS } from "./quotas.ts";

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

async function post(target: string | undefined, body: string | Uint8Array, path = "/", method = "POST"): Promise<Answer> {
  const headers = { "content-type": "application/x-amz-json-1.1", ...(target !== undefined && { "x-amz-target": target }) };
  return new Promise((resolve, reject) => {
    const sent = request(`${api.url}${path}`, { method, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, json: text === "" ? undefined : JSON.parse(text) });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly json: Readonly<Record<string, unknown>>;
}

test.each(["CloudTrail_20131101.ListTrails", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.ListTrails"])(
  "target %s",
  async (target) => {
    const answer = await post(target, "{}");
    expect(answer).toMatchObject({
      status: 200,
      json: { Trails: [] },
      headers: { "x-amzn-requestid": "5d0ca1b1-0000-4000-8000-000000000001", "content-type": "application/x-amz-json-1.1" },
    });
  },
);

test.each([
  ["CloudTrail_20131101.NoSuchThing"],
  ["CloudTrail_20131101.constructor"],
  ["CloudTrail_20130101.ListTrails"],
  ["com.amazonaws.cloudtrail.v20131101.ListTrails"],
  ["DynamoDB_20120810.ListTables"],
  ["ListTrails"],
  [""],
  [undefined],
])("target %s is unknown", async (target) => {
  expect(await post(target, "{}")).toMatchObject({
    status: 400,
    json: { __type: "UnknownOperationException" },
    headers: { "x-amzn-requestid": "5d0ca1b1-0000-4000-8000-000000000001" },
  });
});

test("other paths and methods are unknown", async () => {
  expect((await post("CloudTrail_20131101.ListTrails", "{}", "/x")).json["__type"]).toBe("UnknownOperationException");
  expect((await post("CloudTrail_20131101.ListTrails", "{}", "/", "PUT")).json["__type"]).toBe("UnknownOperationException");
});

test.each(["{", "[]", '"x"', "null", "1", "{}{}", `${"[".repeat(500)}`, `{"a":${"[".repeat(200)}${"]".repeat(200)}}`])(
  "body %s is no input",
  async (body) => {
    expect(await post("CloudTrail_20131101.ListTrails", body)).toMatchObject({
      status: 400,
      json: { __type: "SerializationException" },
    });
  },
);

test("no body is an empty input", async () => {
  expect(await post("CloudTrail_20131101.ListTrails", "")).toMatchObject({ status: 200 });
});

test("members of other types are refused as AWS's parser does", async () => {
  const cases: [string, string, string][] = [
    ["GetTrail", '{"Name":1}', "NUMBER_VALUE can not be converted to String"],
    ["GetTrail", '{"Name":{}}', "START_OBJECT can not be converted to String"],
    [
      "CreateTrail",
      '{"Name":"abc","S3BucketName":"abc","IsMultiRegionTrail":"true"}',
      "STRING_VALUE can not be converted to Boolean",
    ],
    ["LookupEvents", '{"MaxResults":"5"}', "STRING_VALUE can not be converted to Integer"],
    ["LookupEvents", '{"StartTime":"2026-01-01T00:00:00Z"}', "STRING_VALUE can not be converted to Timestamp"],
    ["LookupEvents", '{"LookupAttributes":{}}', "START_OBJECT can not be converted to List"],
    ["LookupEvents", '{"LookupAttributes":[1]}', "NUMBER_VALUE can not be converted to Structure"],
  ];
  for (const [operation, body, message] of cases) {
    expect((await post(`CloudTrail_20131101.${operation}`, body)).json).toEqual({
      __type: "SerializationException",
      Message: message,
    });
  }
});

test("calls a second of each operation, where they are limited", async () => {
  const limited = await serveApi({ quotas: { ...AWS_QUOTAS, readsPerSecond: 2, writesPerSecond: 1 } });
  try {
    const [client, other] = [limited.client(), limited.client("eu-west-1")];
    const get = async (by = client): Promise<string> => (await failure(by.send(new GetTrailCommand({ Name: "audit" }))))[0];
    const start = async (): Promise<string> => (await failure(client.send(new StartLoggingCommand({ Name: "audit" }))))[0];
    expect([await get(), await get(), await get(), await get(other)]).toEqual([
      "TrailNotFoundException",
      "TrailNotFoundException",
      "ThrottlingException",
      "TrailNotFoundException",
    ]);
    expect([await start(), await start()]).toEqual(["TrailNotFoundException", "ThrottlingException"]);
    expect((await failure(client.send(new StopLoggingCommand({ Name: "audit" }))))[0]).toBe("TrailNotFoundException");
    limited.now += 1000;
    expect([await get(), await start()]).toEqual(["TrailNotFoundException", "TrailNotFoundException"]);
  } finally {
    await limited.close();
  }
});

test("what this version does not have says so", async () => {
  const call = api.client().send(new CreateEventDataStoreCommand({ Name: "store" }));
  await expect(call).rejects.toThrow(UnsupportedOperationException);
  await expect(call).rejects.toThrow("This version of OpenTrail does not have CreateEventDataStore.");
});

test("every operation of the model is answered, and every one listed is of the model", async () => {
  const { operationNames = [] } = loadCatalogue().service("cloudtrail") ?? {};
  expect(operationNames).toEqual(expect.arrayContaining(OPERATIONS.map(({ name }) => name)));
  for (const name of operationNames) {
    const { status, json } = await post(`CloudTrail_20131101.${name}`, "{}");
    const has = OPERATIONS.some((operation) => operation.name === name);
    expect([name, json?.["__type"] === "UnsupportedOperationException"]).toEqual([name, !has]);
    expect(status).toBeLessThan(500);
  }
});

test("hostile inputs get an answer, never a failure of ours", async () => {
  const member = fc.constantFrom(
    "Name",
    "S3BucketName",
    "TagsList",
    "LookupAttributes",
    "NextToken",
    "trailNameList",
    "__proto__",
    "MaxResults",
  );
  const input = fc.dictionary(member, fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...OPERATIONS), input, async ({ name }, body) => {
      expect((await post(`CloudTrail_20131101.${name}`, JSON.stringify(body))).status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
});

test("a body beyond the limit is refused, the connection lives on", async () => {
  expect(await post("CloudTrail_20131101.ListTrails", Buffer.alloc(3 << 20, 32))).toMatchObject({ status: 413 });
  await api.client().send(new ListTrailsCommand({}));
});

test("a failure of ours is a 500 that tells no details, and is logged; a client that leaves is no failure", async () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(line) });
  const broken = createCloudTrailApi({
    catalogue: loadCatalogue(),
    history: api.history,
    trails: api.trails,
    journalEnd: () => 0,
    clock: { now: () => 0 },
    logger,
    lookupRateLimit: false,
    operations: [
      {
        name: "ListTrails",
        access: () => ({ resources: [] }),
        handle: () => {
          throw new Error("disk 7 is on fire");
        },
      },
    ],
  });
  const context = {
    operation: undefined,
    serviceId: "cloudtrail",
    operationName: "ListTrails",
    region: "us-east-1",
    accountId: ACCOUNT,
    accessKeyId: undefined,
    callerArn: undefined,
    requestId: "id",
  };
  const call = { method: "POST", target: "/", headers: ["X-Amz-Target", "CloudTrail_20131101.ListTrails"], context };
  const { signal } = new AbortController();
  const answer = await broken.send({ ...call, body: undefined, signal });
  expect(answer.status).toBe(500);
  const text = Buffer.from(answer.body as Uint8Array).toString();
  expect(JSON.parse(text)).toMatchObject({ __type: "InternalFailure" });
  expect(text).not.toContain("fire");
  expect(lines.join("")).toContain("disk 7 is on fire");

  const leaving = new AbortController();
  const stalled = new Readable({ read() {} });
  const sent = broken.send({ ...call, body: stalled, signal: leaving.signal });
  leaving.abort();
  await expect(sent).rejects.toThrow(EndpointFailure);
  expect(stalled.destroyed).toBe(true);
});
