import {
  type AdvancedEventSelector,
  CloudTrailClient,
  CreateTrailCommand,
  type EventSelector,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { afterEach, describe, expect, test } from "vitest";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";
import { authorization, type RawCall, send } from "../support/raw-call.ts";
import { type Backend, startBackend } from "../support/recorded-backend.ts";

/** The account of calls whose key nobody knows. */
const ACCOUNT = "000000000000";

let backend: Backend | undefined;
let trail: OpenTrailProcess | undefined;
let client: CloudTrailClient | undefined;
let watching: ReadableStreamDefaultReader<string> | undefined;

afterEach(async () => {
  await watching?.cancel();
  client?.destroy();
  await trail?.remove();
  await backend?.close();
  [watching, client, trail, backend] = [undefined, undefined, undefined, undefined];
});

interface Watched {
  readonly url: string;
  readonly send: CloudTrailClient["send"];
  /** The data events that came until now: a management call of this name is made, and waited for. */
  dataEvents(): Promise<readonly CloudTrailRecord[]>;
}

async function start(processes: number, dataDir?: string): Promise<Watched> {
  backend ??= await startBackend((request) =>
    request.headers["x-amz-target"] === undefined
      ? { headers: { "content-type": "application/xml" }, body: "<Done/>" }
      : { headers: { "content-type": "application/x-amz-json-1.0" }, body: "{}" },
  );
  const { url } = (trail = await startOpenTrail({
    flags: ["--capture-processes", String(processes), "--upstream", backend.url],
    ...(dataDir === undefined ? {} : { dataDir }),
  }));
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  client = new CloudTrailClient({ endpoint: url, region: "us-east-1", credentials, maxAttempts: 1 });
  const cloudtrail = client;
  const { body } = await fetch(`${url}/_opentrail/tail`);
  const reader = (watching = body!.pipeThrough(new TextDecoderStream()).getReader());
  let text = "";
  let marks = 0;
  return {
    url,
    send: cloudtrail.send.bind(cloudtrail),
    async dataEvents() {
      const mark = `mark-${(marks += 1)}`;
      await send(url, {
        service: "iam",
        line: "POST /",
        headers: FORM,
        body: `Action=GetUser&Version=2010-05-08&UserName=${mark}`,
      });
      const seen = (): readonly CloudTrailRecord[] =>
        text
          .split("\n\n")
          .slice(0, -1)
          .flatMap((item) => /^data: (.*)$/m.exec(item)?.[1] ?? [])
          .map((line) => JSON.parse(line) as CloudTrailRecord);
      while (!seen().some(({ requestParameters }) => requestParameters?.userName === mark))
        text += (await reader.read()).value ?? "";
      const events = seen().filter(({ eventCategory }) => eventCategory === "Data");
      text = "";
      return events;
    },
  };
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const s3 = (line: string, body?: string): RawCall => ({ service: "s3", line, ...(body === undefined ? {} : { body }) });
const dynamodb = (operation: string, table: string): RawCall => ({
  service: "dynamodb",
  line: "POST /",
  headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `DynamoDB_20120810.${operation}` },
  body: JSON.stringify({ TableName: table, Key: { id: { S: "1" } }, Item: { id: { S: "1" } } }),
});
const invoke = (name: string): RawCall => ({
  service: "lambda",
  line: `POST /2015-03-31/functions/${name}/invocations`,
  body: "{}",
});

const calls: readonly RawCall[] = [
  ...["in", "out"].flatMap((folder) => [
    s3(`PUT /data/${folder}/1`, "body"),
    s3(`GET /data/${folder}/1`),
    s3(`DELETE /data/${folder}/1`),
    s3(`PUT /other/${folder}/1`, "body"),
  ]),
  s3("GET /data?list-type=2"),
  ...["orders", "others"].flatMap((table) => ["PutItem", "UpdateItem", "DeleteItem"].map((name) => dynamodb(name, table))),
  invoke("f"),
  invoke("g"),
];

const select = (
  type: string,
  arn: Partial<NonNullable<AdvancedEventSelector["FieldSelectors"]>[number]>,
): AdvancedEventSelector => ({
  FieldSelectors: [
    { Field: "eventCategory", Equals: ["Data"] },
    { Field: "resources.type", Equals: [type] },
    { Field: "resources.ARN", ...arn },
  ],
});
const functionArn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`;
const tableArn = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/orders`;

const cases: Readonly<
  Record<
    string,
    {
      selectors: { AdvancedEventSelectors?: AdvancedEventSelector[]; EventSelectors?: EventSelector[] };
      names: string[];
      arn: string;
    }
  >
> = {
  "objects below a prefix": {
    selectors: { AdvancedEventSelectors: [select("AWS::S3::Object", { StartsWith: ["arn:aws:s3:::data/in/"] })] },
    names: ["PutObject", "GetObject", "DeleteObject"],
    arn: "arn:aws:s3:::data/in/1",
  },
  "writes of objects below a prefix, by a basic selector": {
    selectors: {
      EventSelectors: [
        { ReadWriteType: "WriteOnly", DataResources: [{ Type: "AWS::S3::Object", Values: ["arn:aws:s3:::data/in/"] }] },
      ],
    },
    names: ["PutObject", "DeleteObject"],
    arn: "arn:aws:s3:::data/in/1",
  },
  "one function": {
    selectors: { AdvancedEventSelectors: [select("AWS::Lambda::Function", { Equals: [functionArn] })] },
    names: ["Invoke"],
    arn: functionArn,
  },
  "one table": {
    selectors: { AdvancedEventSelectors: [select("AWS::DynamoDB::Table", { Equals: [tableArn] })] },
    names: ["PutItem", "UpdateItem", "DeleteItem"],
    arn: tableArn,
  },
};

describe.each([1, 2])("captured by %d processes", (processes) => {
  test("a trail's selectors decide which data calls are recorded, from one call to the next", async () => {
    const watched = await start(processes);
    const all = async (): Promise<readonly CloudTrailRecord[]> => {
      for (const call of calls) expect(await send(watched.url, call)).toBe(200);
      return await watched.dataEvents();
    };
    const Name = "data";
    await watched.send(new CreateTrailCommand({ Name, S3BucketName: "trail-logs" }));
    expect(await all()).toEqual([]);
    await watched.send(new StartLoggingCommand({ Name }));
    expect(await all()).toEqual([]);

    for (const { selectors, names, arn } of Object.values(cases)) {
      await watched.send(new PutEventSelectorsCommand({ TrailName: Name, ...selectors }));
      const events = await all();
      expect(events.map(({ eventName }) => eventName as string)).toEqual(names);
      for (const { resources } of events) expect(resources.map(({ ARN }: { ARN: string }) => ARN)).toContain(arn);
    }

    await watched.send(new StopLoggingCommand({ Name }));
    expect(await all()).toEqual([]);
  });
});

test("in the trail's Region alone, and again after a restart", async () => {
  const watched = await start(1);
  const selectors = { AdvancedEventSelectors: [select("AWS::S3::Object", { StartsWith: ["arn:aws:s3:::data/"] })] };
  await watched.send(new CreateTrailCommand({ Name: "data", S3BucketName: "trail-logs" }));
  await watched.send(new PutEventSelectorsCommand({ TrailName: "data", ...selectors }));
  await watched.send(new StartLoggingCommand({ Name: "data" }));
  const elsewhere = authorization("s3").replace("us-east-1", "eu-west-1");
  const put = s3("PUT /data/1", "body");
  await send(watched.url, { ...put, headers: { authorization: elsewhere } });
  expect(await watched.dataEvents()).toEqual([]);
  await send(watched.url, put);
  const regions = async ({ dataEvents }: Watched): Promise<readonly string[]> =>
    (await dataEvents()).map(({ awsRegion }) => awsRegion as string);
  expect(await regions(watched)).toEqual(["us-east-1"]);

  await trail?.stop("SIGKILL");
  client?.destroy();
  const again = await start(1, trail?.dataDir);
  await send(again.url, { ...put, headers: { authorization: elsewhere } });
  await send(again.url, put);
  expect(await regions(again)).toEqual(["us-east-1"]);
});
