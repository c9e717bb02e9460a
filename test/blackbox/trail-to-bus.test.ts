import {
  CloudTrailClient,
  CreateTrailCommand,
  DescribeTrailsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand, type RuleState, type Target } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";

/** A key id in which account 123456789012 is encoded. */
const KEY = "AKIARZPUZDIKGB2VALC4";
const HOME = "us-east-1:123456789012";

let trail: OpenTrailProcess;
let sqs: SQSClient;
let events: EventBridgeClient;
let cloudTrail: CloudTrailClient;

beforeAll(async () => {
  trail = await startOpenTrail();
  const credentials = { accessKeyId: KEY, secretAccessKey: "secret" };
  const settings = { endpoint: trail.url, region: "us-east-1", credentials, maxAttempts: 1 };
  [sqs, events, cloudTrail] = [new SQSClient(settings), new EventBridgeClient(settings), new CloudTrailClient(settings)];
  await new S3Client({ ...settings, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: "audit-logs" }));
  await new CloudWatchLogsClient(settings).send(new CreateLogGroupCommand({ logGroupName: "/alarms" }));
  await cloudTrail.send(new CreateTrailCommand({ Name: "audit", S3BucketName: "audit-logs" }));
});
afterAll(async () => await trail?.remove());

async function rule(Name: string, eventName: string, State: RuleState, ...targets: readonly Target[]): Promise<void> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: Name }));
  expect(QueueUrl).toBeDefined();
  const EventPattern = JSON.stringify({ "detail-type": ["AWS API Call via CloudTrail"], detail: { eventName: [eventName] } });
  await events.send(new PutRuleCommand({ Name, EventPattern, State }));
  const Targets = [{ Id: "queue", Arn: `arn:aws:sqs:${HOME}:${Name}` }, ...targets];
  await events.send(new PutTargetsCommand({ Rule: Name, Targets }));
}

async function take(queue: string, seconds: number): Promise<CloudTrailRecord | undefined> {
  const QueueUrl = `${trail.url}/123456789012/${queue}`;
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: seconds }));
  const [message] = Messages ?? [];
  if (message === undefined) return undefined;
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
  return JSON.parse(message.Body ?? "");
}

test("a rule on StopLogging tells a queue and a log group who has stopped the trail", async () => {
  await rule("stopped", "StopLogging", "ENABLED", { Id: "logs", Arn: `arn:aws:logs:${HOME}:log-group:/alarms` });
  await cloudTrail.send(new StartLoggingCommand({ Name: "audit" }));
  await cloudTrail.send(new StopLoggingCommand({ Name: "audit" }));
  const event = await take("stopped", 10);
  expect(event).toMatchObject({
    version: "0",
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.cloudtrail",
    account: "123456789012",
    region: "us-east-1",
    resources: [],
    detail: { eventName: "StopLogging", requestParameters: { name: "audit" }, readOnly: false, managementEvent: true },
  });
  const [record] = await trail.untilEvents({ eventName: "StopLogging" });
  expect(event?.["detail"]).toEqual(record);
  expect(event?.["time"]).toBe(record?.["eventTime"]);
  expect(event?.["id"]).not.toBe(record?.["eventID"]);

  const credentials = { accessKeyId: KEY, secretAccessKey: "secret" };
  const logs = new CloudWatchLogsClient({ endpoint: trail.url, region: "us-east-1", credentials });
  const message = await until(async () => {
    const found = await logs.send(
      new FilterLogEventsCommand({ logGroupName: "/alarms", filterPattern: '{ $.source = "aws.cloudtrail" }' }),
    );
    return found.events?.[0]?.message;
  }, "the event in the log group");
  expect(JSON.parse(message)).toEqual(event);
});

test("calls that only read go to the rules that ask for everything, and to no others", async () => {
  await rule("reads", "DescribeTrails", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
  await rule("ordinary", "DescribeTrails", "ENABLED");
  await cloudTrail.send(new StartLoggingCommand({ Name: "audit" }));
  await cloudTrail.send(new DescribeTrailsCommand({}));
  expect(await take("reads", 10)).toMatchObject({
    source: "aws.cloudtrail",
    detail: { eventName: "DescribeTrails", readOnly: true },
  });
  expect(await take("ordinary", 1)).toBeUndefined();
});
