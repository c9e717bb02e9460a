import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudTrailClient, CreateTrailCommand, PutEventSelectorsCommand, StartLoggingCommand } from "@aws-sdk/client-cloudtrail";
import { afterEach, describe, expect, test } from "vitest";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { authorization } from "../support/raw-call.ts";
import { type Backend, startBackend } from "../support/recorded-backend.ts";

const ACCOUNT = "000000000000";
const ENDPOINT = "vpce-0a1b2c3d4e5f60718";

const policy = {
  Statement: [
    { Effect: "Allow", Principal: "*", Action: "*", Resource: "*" },
    { Effect: "Deny", Principal: "*", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::data/*" },
    { Effect: "Deny", Principal: "*", Action: "dynamodb:*", Resource: `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/secret` },
    { Effect: "Deny", Principal: { AWS: "*" }, Action: "iam:*", NotResource: "arn:aws:iam::*:user/open" },
    {
      Effect: "Deny",
      Principal: "*",
      Action: "kms:*",
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceVpce": ENDPOINT } },
    },
  ],
};

let backend: Backend;
let trail: OpenTrailProcess;
let directory: string;
let reached: string[];
let watching: ReadableStreamDefaultReader<string> | undefined;

afterEach(async () => {
  await watching?.cancel();
  await trail.remove();
  await backend.close();
  rmSync(directory, { recursive: true });
});

/** Resolves with the address of the endpoint. */
async function start(processes: number): Promise<string> {
  reached = [];
  backend = await startBackend((request, body) => {
    reached.push(`${request.method} ${request.url} ${request.headers["x-amz-target"]} ${body.toString()}`);
    return { headers: { "content-type": "application/xml" }, body: "<Done/>" };
  });
  directory = mkdtempSync(join(tmpdir(), "opentrail-config-"));
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, JSON.stringify({ vpcEndpoints: [{ listen: "127.0.0.1:0", id: ENDPOINT, accountId: ACCOUNT, policy }] }));
  trail = await startOpenTrail({
    flags: ["--config", config, "--upstream", backend.url, "--capture-processes", String(processes)],
  });
  return await until(async () => /"address":"(http:[^"]+)"/.exec(trail.log())?.[1], "the address of the VPC endpoint");
}

interface Call {
  readonly service: string;
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function send(url: string, { service, line, headers, body }: Call): Promise<readonly [status: number, body: string]> {
  const [method = "GET", path = "/"] = line.split(" ");
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: authorization(service), ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return [response.status, await response.text()];
}

const json = (service: string, target: string, body: object): Call => ({
  service,
  line: "POST /",
  headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": target },
  body: JSON.stringify(body),
});
const putItem = (table: string): Call =>
  json("dynamodb", "DynamoDB_20120810.PutItem", { TableName: table, Item: { id: { S: "1" } } });
const iam = (action: string): Call => ({
  service: "iam",
  line: "POST /",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: `Action=${action}&Version=2010-05-08&UserName=bob`,
});

async function select(sources: readonly string[], denied: boolean): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new CloudTrailClient({ endpoint: trail.url, region: "us-east-1", credentials, maxAttempts: 1 });
  await client.send(new CreateTrailCommand({ Name: "network", S3BucketName: "trail-logs" }));
  const AdvancedEventSelectors = sources.map((source) => ({
    FieldSelectors: [
      { Field: "eventCategory", Equals: ["NetworkActivity"] },
      { Field: "eventSource", Equals: [source] },
      ...(denied ? [{ Field: "errorCode", Equals: ["VpceAccessDenied"] }] : []),
    ],
  }));
  await client.send(new PutEventSelectorsCommand({ TrailName: "network", AdvancedEventSelectors }));
  await client.send(new StartLoggingCommand({ Name: "network" }));
  client.destroy();
}

/** What is recorded of what `work` does, in order. */
async function recordedOf(work: () => Promise<void>): Promise<readonly CloudTrailRecord[]> {
  const { body } = await fetch(`${trail.url}/_opentrail/tail`);
  const reader = (watching = body!.pipeThrough(new TextDecoderStream()).getReader());
  await work();
  await send(trail.url, iam("GetUser"));
  let text = "";
  const seen = (): readonly CloudTrailRecord[] =>
    text
      .split("\n\n")
      .slice(0, -1)
      .flatMap((item) => /^data: (.*)$/m.exec(item)?.[1] ?? [])
      .map((line) => JSON.parse(line) as CloudTrailRecord);
  while (seen().at(-1)?.eventName !== "GetUser") text += (await reader.read()).value ?? "";
  await reader.cancel();
  // What set the trail up may still be on its way.
  return seen().filter(({ eventSource }) => !["cloudtrail.amazonaws.com", "iam.amazonaws.com"].includes(eventSource as string));
}

describe.each([1, 2])("with %d processes", (processes) => {
  test("what the endpoint's policy denies is refused in its protocol, and its owner told", async () => {
    const endpoint = await start(processes);
    await select(["s3.amazonaws.com", "dynamodb.amazonaws.com"], true);
    reached = [];
    const answers: (readonly [number, string])[] = [];
    const records = await recordedOf(async () => {
      for (const call of [
        { service: "s3", line: "DELETE /data/1" },
        putItem("secret"),
        iam("CreateUser"),
        json("kms", "TrentService.ListKeys", {}),
        { service: "s3", line: "DELETE /other/1" },
        putItem("open"),
      ]) {
        answers.push(await send(endpoint, call));
      }
    });
    expect(answers.map(([status]) => status)).toEqual([403, 400, 403, 400, 200, 200]);
    const user = "User: anonymous is not authorized to perform:";
    expect(answers[0]?.[1]).toContain(
      `<Code>AccessDenied</Code><Message>${user} s3:DeleteObject on resource: arn:aws:s3:::data/1 with an explicit deny in a VPC endpoint policy`,
    );
    expect(answers[1]?.[1]).toMatch(/"__type":"[^"]*AccessDeniedException"/);
    expect(answers[2]?.[1]).toContain("<Code>AccessDenied</Code>");
    expect(answers[3]?.[1]).toContain("kms:ListKeys with an explicit deny");
    const times = (part: string): number => reached.filter((call) => call.includes(part)).length;
    expect(["DELETE /data/1", "secret", "CreateUser", "ListKeys"].map(times)).toEqual([0, 0, 0, 0]);
    expect(["DELETE /other/1", "PutItem"].map(times)).toEqual([1, 1]);

    // Nobody selected the data of the last two, nor network activity of the services between.
    expect(records.map(({ eventName }) => eventName as string)).toEqual(["DeleteObject", "PutItem"]);
    for (const [at, source] of ["s3.amazonaws.com", "dynamodb.amazonaws.com"].entries()) {
      expect(records[at]).toEqual({
        eventVersion: "1.11",
        userIdentity: expect.objectContaining({ accountId: ACCOUNT }) as object,
        eventTime: expect.any(String) as string,
        eventSource: source,
        eventName: expect.any(String) as string,
        awsRegion: "us-east-1",
        sourceIPAddress: "127.0.0.1",
        errorCode: "VpceAccessDenied",
        errorMessage: "The request was denied due to a VPC endpoint policy",
        requestID: expect.any(String) as string,
        eventID: expect.any(String) as string,
        eventType: "AwsVpceEvent",
        recipientAccountId: ACCOUNT,
        sharedEventID: expect.any(String) as string,
        vpcEndpointId: ENDPOINT,
        vpcEndpointAccountId: ACCOUNT,
        eventCategory: "NetworkActivity",
      });
    }
  });
});

test("calls through the endpoint say so, and its owner may ask for all of them", async () => {
  const endpoint = await start(1);
  await select(["s3.amazonaws.com"], false);
  const records = await recordedOf(async () => {
    await send(endpoint, { service: "s3", line: "PUT /bucket" });
    await send(endpoint, { service: "s3", line: "GET /bucket/key" });
    await send(trail.url, { service: "s3", line: "PUT /bucket" });
  });
  expect(records.map(({ eventName, eventCategory, vpcEndpointId }) => [eventName, eventCategory, vpcEndpointId])).toEqual([
    ["CreateBucket", "Management", ENDPOINT],
    ["CreateBucket", "NetworkActivity", ENDPOINT],
    ["GetObject", "NetworkActivity", ENDPOINT],
    ["CreateBucket", "Management", undefined],
  ]);
  expect(records[0]).toMatchObject({ vpcEndpointAccountId: ACCOUNT });
  expect(records[1]).not.toHaveProperty("errorCode");
  expect(new Set(records.map(({ eventID }) => eventID as string)).size).toBe(4);
});
