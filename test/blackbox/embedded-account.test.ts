import { CloudTrailClient, LookupEventsCommand, paginateLookupEvents, type Event } from "@aws-sdk/client-cloudtrail";
import { IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startOpenTrail, until, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { sdkTour } from "../support/sdk-tour.ts";
import { expectRecord } from "../support/record-shape.ts";

/** A key id in which account 123456789012 is encoded. */
const KEY = "AKIARZPUZDIKGB2VALC4";
const ACCOUNT = "123456789012";

let trail: OpenTrailProcess;

const settings = (region = "us-east-1") => ({
  endpoint: trail.url,
  region,
  credentials: { accessKeyId: KEY, secretAccessKey: "secret" },
  maxAttempts: 1,
});

async function lookup(region = "us-east-1"): Promise<readonly Event[]> {
  const events: Event[] = [];
  const client = new CloudTrailClient(settings(region));
  for await (const page of paginateLookupEvents({ client }, {})) events.push(...(page.Events ?? []));
  return events;
}

async function untilNamed(name: string, region = "us-east-1"): Promise<Event> {
  return await until(async () => (await lookup(region)).find((event) => event.EventName === name), `${name} in event history`);
}

beforeAll(async () => {
  trail = await startOpenTrail();
});
afterAll(async () => {
  await trail?.remove();
});

test("S3, DynamoDB, SQS, SNS and STS work behind the endpoint, and each management call is found", async () => {
  const identity = await sdkTour(settings());
  expect(identity.Account).toBe(ACCOUNT);

  await untilNamed("GetCallerIdentity");
  const names = (await lookup()).map((event) => event.EventName);
  expect(names).toEqual(
    expect.arrayContaining(["CreateBucket", "CreateTable", "CreateQueue", "CreateTopic", "GetCallerIdentity"]),
  );
  for (const data of ["PutObject", "GetObject", "PutItem", "GetItem", "SendMessage", "ReceiveMessage"])
    expect(names).not.toContain(data);
});

test("SQS by the query protocol of older clients", async () => {
  const call = async (form: Record<string, string>): Promise<string> => {
    const response = await fetch(form["QueueUrl"] ?? trail.url, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${KEY}/20260302/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=00`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ Version: "2012-11-05", ...form }),
    });
    return `${response.status} ${await response.text()}`;
  };
  const created = await call({
    Action: "CreateQueue",
    QueueName: "by-query",
    "Attribute.1.Name": "VisibilityTimeout",
    "Attribute.1.Value": "7",
  });
  const QueueUrl = /^200 .*<QueueUrl>(.*)<\/QueueUrl>/s.exec(created)?.[1] ?? "";
  expect(QueueUrl).toBe(`${trail.url}/${ACCOUNT}/by-query`);
  expect(await call({ Action: "SendMessage", QueueUrl, MessageBody: "a < b" })).toContain("<MD5OfMessageBody>");
  expect(await call({ Action: "ReceiveMessage", QueueUrl, WaitTimeSeconds: "1" })).toContain("<Body>a &lt; b</Body>");
  const attributes = await call({ Action: "GetQueueAttributes", QueueUrl, "AttributeName.1": "VisibilityTimeout" });
  expect(attributes).toContain("<Attribute><Name>VisibilityTimeout</Name><Value>7</Value></Attribute>");
  const missing = await call({ Action: "GetQueueUrl", QueueName: "nowhere" });
  expect(missing).toMatch(/^400 .*<Code>AWS\.SimpleQueueService\.NonExistentQueue<\/Code>/s);

  const [record] = await trail.untilEvents({ eventName: "CreateQueue", resourceName: QueueUrl });
  expect(record).toMatchObject({
    requestParameters: { queueName: "by-query", attributes: { VisibilityTimeout: "7" } },
    responseElements: { queueUrl: QueueUrl },
  });
});

test("the record is the same whichever way it is read, and newest first", async () => {
  await new S3Client({ ...settings(), forcePathStyle: true }).send(new ListBucketsCommand({}));
  const event = await untilNamed("ListBuckets");
  expect(event.ReadOnly).toBe("true");
  expect(event.EventTime).toBeInstanceOf(Date);
  const record = JSON.parse(event.CloudTrailEvent!);
  expectRecord(record);
  expect(record.recipientAccountId).toBe(ACCOUNT);
  expect(await trail.events({ eventId: event.EventId! })).toEqual([record]);

  const times = (await lookup()).map((one) => one.EventTime!.getTime());
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

test("each region has its own history; global services have theirs in us-east-1", async () => {
  await new SQSClient(settings("eu-central-1")).send(new CreateQueueCommand({ QueueName: "frankfurt" }));
  await expect(new IAMClient(settings("eu-central-1")).send(new ListUsersCommand({}))).rejects.toMatchObject({
    name: "NotImplemented",
  });

  const created = await untilNamed("CreateQueue", "eu-central-1");
  expect(JSON.parse(created.CloudTrailEvent!).awsRegion).toBe("eu-central-1");
  await untilNamed("ListUsers", "us-east-1");
  const elsewhere = (await lookup("eu-central-1")).map((event) => event.EventName);
  expect(elsewhere).not.toContain("ListUsers");
  expect(elsewhere).not.toContain("ListBuckets");
});

test("accounts do not see each other", async () => {
  const other = new CloudTrailClient({ ...settings(), credentials: { accessKeyId: "210987654321", secretAccessKey: "x" } });
  const { Events } = await other.send(new LookupEventsCommand({}));
  expect(Events?.filter((event) => event.AccessKeyId === KEY)).toEqual([]);
});

test("what was recorded is there after a restart, and nothing twice", async () => {
  const before = await trail.events();
  await trail.stop();
  trail = await startOpenTrail({ dataDir: trail.dataDir });
  const after = await trail.events();
  expect(after.filter((record) => before.some((one) => one["eventID"] === record["eventID"]))).toEqual(before);
  expect(new Set(after.map((record) => record["eventID"])).size).toBe(after.length);
});

test("what CloudTrail has and this version lacks is refused here, never passed on", async () => {
  const sign = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${KEY}/20260302/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
  });
  const control = await fetch(trail.url, {
    method: "POST",
    headers: { ...sign("cloudtrail"), "x-amz-target": "CloudTrail_20131101.GetDashboard" },
    body: '{"DashboardId":"t"}',
  });
  expect(control.status).toBe(400);
  expect(await control.json()).toMatchObject({ __type: "UnsupportedOperationException" });
  const data = await fetch(`${trail.url}/PutAuditEvents?channelArn=c`, {
    method: "POST",
    headers: sign("cloudtrail-data"),
    body: '{"auditEvents":[]}',
  });
  expect(data.status).toBe(400);
  expect(data.headers.get("x-amzn-errortype")).toBe("UnsupportedOperationException");
  const [record] = await trail.untilEvents({ eventName: "GetDashboard" });
  expect(record).toMatchObject({
    errorCode: "UnsupportedOperationException",
    requestParameters: { dashboardId: "t" },
    readOnly: true,
  });
});

test("counts add up, and health says that it records", async () => {
  const { calls } = await trail.get<{ calls: Record<string, number> }>("status");
  const { arrived, ...parts } = calls;
  expect(arrived).toBe(Object.values(parts).reduce((sum, part) => sum + part, 0));
  expect(await trail.get("health")).toEqual({ status: "ok" });
});
