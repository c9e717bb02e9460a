import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CloudWatchLogs, type FilteredLogEvent, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { run } from "../support/peers.ts";
import { expectRecord } from "../support/record-shape.ts";

/** A key id in which account 123456789012 is encoded. */
const KEY = "AKIARZPUZDIKGB2VALC4";
const ACCOUNT = "123456789012";
const PROGRAM = join(resolve(import.meta.dirname, "../.."), "bin/opentrail.js");

let trail: OpenTrailProcess;
let logs: CloudWatchLogs;

const settings = (of = trail) => ({
  endpoint: of.url,
  region: "eu-central-1",
  credentials: { accessKeyId: KEY, secretAccessKey: "secret" },
  maxAttempts: 1,
});

beforeAll(async () => {
  trail = await startOpenTrail();
  logs = new CloudWatchLogs(settings());
});
afterAll(async () => await trail?.remove());

async function filtered(of: CloudWatchLogs, logGroupName: string, filterPattern: string): Promise<FilteredLogEvent[]> {
  const events: FilteredLogEvent[] = [];
  for await (const page of paginateFilterLogEvents({ client: of }, { logGroupName, filterPattern }))
    events.push(...(page.events ?? []));
  return events;
}

test("calls are recorded, refused ones too, and no record shows a message", async () => {
  await logs.createLogGroup({ logGroupName: "/app/recorded", tags: { team: "blue" } });
  await logs.createLogStream({ logGroupName: "/app/recorded", logStreamName: "one" });
  await logs.putLogEvents({
    logGroupName: "/app/recorded",
    logStreamName: "one",
    logEvents: [{ timestamp: Date.now(), message: "do not show this" }],
  });
  await expect(logs.deleteLogGroup({ logGroupName: "/app/none" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: "The specified log group does not exist.",
  });
  const [created] = await trail.untilEvents({ eventName: "CreateLogGroup" });
  expectRecord(created!);
  expect(created).toMatchObject({
    eventSource: "logs.amazonaws.com",
    awsRegion: "eu-central-1",
    requestParameters: { logGroupName: "/app/recorded", tags: { team: "blue" } },
    responseElements: null,
    readOnly: false,
    managementEvent: true,
    apiVersion: "20140328",
    recipientAccountId: ACCOUNT,
  });
  const [put] = await trail.untilEvents({ eventName: "PutLogEvents" });
  expect(put).toMatchObject({ requestParameters: { logGroupName: "/app/recorded", logStreamName: "one" }, readOnly: false });
  expect(JSON.stringify(put)).not.toContain("do not show this");
  const [refused] = await trail.untilEvents({ eventName: "DeleteLogGroup" });
  expect(refused).toMatchObject({
    errorCode: "ResourceNotFoundException",
    errorMessage: "The specified log group does not exist.",
    requestParameters: { logGroupName: "/app/none" },
  });
});

test("OpenTrail's own records are found again by the patterns that are used for CloudTrail", async () => {
  await new S3Client({ ...settings(), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: "cis-bucket" }));
  await new STSClient(settings()).send(new GetCallerIdentityCommand({}));
  await trail.untilEvents({ eventName: "GetCallerIdentity" });
  const records = await trail.events();
  await logs.createLogGroup({ logGroupName: "/trail" });
  await logs.createLogStream({ logGroupName: "/trail", logStreamName: "all" });
  const now = Date.now();
  const logEvents = records.map((record, index) => ({ timestamp: now + index, message: JSON.stringify(record) }));
  await logs.putLogEvents({ logGroupName: "/trail", logStreamName: "all", logEvents });

  const names = async (pattern: string): Promise<string[]> =>
    (await filtered(logs, "/trail", pattern)).map(({ message }) => JSON.parse(message ?? "").eventName as string);
  const root = '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }';
  expect((await names(root)).length).toBe(records.length);
  expect(
    await names("{ ($.eventSource = s3.amazonaws.com) && (($.eventName = CreateBucket) || ($.eventName = PutBucketPolicy)) }"),
  ).toEqual(["CreateBucket"]);
  expect(await names('{ $.errorCode = "ResourceNotFound*" }')).toEqual(["DeleteLogGroup"]);
  expect(await names("{ $.readOnly IS TRUE }")).toEqual(["GetCallerIdentity"]);
  expect(
    await names(`{ $.recipientAccountId = ${ACCOUNT} && $.responseElements IS NULL && $.eventName = %^Create.og% }`),
  ).toEqual(expect.arrayContaining(["CreateLogGroup", "CreateLogStream"]));
});

test("one who follows a group sees each event once, as `aws logs tail --follow` asks for them", async () => {
  const logGroupName = "/app/followed";
  await logs.createLogGroup({ logGroupName });
  for (const logStreamName of ["a", "b"]) await logs.createLogStream({ logGroupName, logStreamName });
  const put = async (logStreamName: string, message: string): Promise<unknown> =>
    await logs.putLogEvents({ logGroupName, logStreamName, logEvents: [{ timestamp: Date.now(), message }] });

  const seen: string[] = [];
  let newest: { time: number; ids: Set<string> } = { time: Date.now() - 60_000, ids: new Set() };
  const look = async (): Promise<void> => {
    let nextToken: string | undefined;
    do {
      const page = await logs.filterLogEvents({ logGroupName, interleaved: true, startTime: newest.time, nextToken, limit: 3 });
      for (const { timestamp = 0, eventId = "", message = "" } of page.events ?? []) {
        if (newest.ids.has(eventId)) continue;
        if (timestamp > newest.time) newest = { time: timestamp, ids: new Set() };
        newest.ids.add(eventId);
        seen.push(message);
      }
      ({ nextToken } = page);
    } while (nextToken !== undefined);
  };
  const sent: string[] = [];
  for (let index = 0; index < 30; index += 1) {
    sent.push(`event ${index}`);
    await put(index % 3 === 0 ? "a" : "b", `event ${index}`);
    if (index % 4 === 0) await look();
  }
  await look();
  expect(seen).toEqual(sent);
});

test("what was confirmed outlives kill -9, and verify finds it sound, or the byte that is not", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "opentrail-logs-"));
  const logGroupName = "/app/killed";
  let life = await startOpenTrail({ dataDir });
  let client = new CloudWatchLogs(settings(life));
  await client.createLogGroup({ logGroupName });
  await client.createLogStream({ logGroupName, logStreamName: "s" });
  const confirmed: string[] = [];
  const writing = (async () => {
    for (let index = 0; ; index += 1) {
      const logEvents = Array.from({ length: 50 }, (_, n) => ({ timestamp: Date.now(), message: `event ${index}.${n}` }));
      await client.putLogEvents({ logGroupName, logStreamName: "s", logEvents });
      confirmed.push(...logEvents.map(({ message }) => message));
    }
  })();
  writing.catch(() => undefined);
  await until(async () => (confirmed.length >= 500 ? true : undefined), "500 events to be confirmed");
  await life.stop("SIGKILL");
  await expect(writing).rejects.toThrow();

  life = await startOpenTrail({ dataDir });
  client = new CloudWatchLogs(settings(life));
  const messages = (await filtered(client, logGroupName, "")).map(({ message }) => message ?? "");
  expect(messages.slice(0, confirmed.length)).toEqual(confirmed);
  // The call that nobody heard of again is there whole or not at all.
  expect([confirmed.length, confirmed.length + 50]).toContain(messages.length);
  expect(await life.stop()).toBe(0);

  const verify = async () => await run(process.execPath, [PROGRAM, "verify", "--data-dir", dataDir], {});
  expect(await verify()).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/\nembedded +0 objects, 1 database: sound\n/),
  });
  const folder = join(dataDir, "embedded/logs", ACCOUNT, "eu-central-1");
  expect(readdirSync(folder)).toEqual(["logs.sqlite"]);
  const file = join(folder, "logs.sqlite");
  const bytes = readFileSync(file);
  bytes[100] = (bytes[100] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
  expect(await verify()).toMatchObject({ status: 1, stdout: expect.stringContaining(file) });
  rmSync(dataDir, { recursive: true, force: true });
});
