import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  CloudTrailClient,
  CreateTrailCommand,
  GetTrailStatusCommand,
  type GetTrailStatusResponse,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test } from "vitest";
import { startMoto } from "../support/moto-server.ts";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { peer } from "../support/peers.ts";

const closers: (() => Promise<unknown> | void)[] = [];
const REGION = "us-east-1";

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(accountId: string, flags: readonly string[]): Promise<OpenTrailProcess> {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-sinks-"));
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, "delivery: { flushSeconds: 1 }\n");
  const process = await startOpenTrail({ flags: ["--config", config, "--account-id", accountId, ...flags] });
  closers.push(
    () => rmSync(directory, { recursive: true }),
    () => process.remove(),
  );
  return process;
}

/** One account's clients, and a trail with every destination that there is. */
class Chain {
  readonly accountId: string;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly logs: CloudWatchLogsClient;
  readonly cloudTrail: CloudTrailClient;
  readonly iam: IAMClient;
  readonly #events: EventBridgeClient;
  readonly #sns: SNSClient;
  readonly #received = new Map<string, string[]>();

  constructor(endpoint: string, accountId: string) {
    const settings = { endpoint, region: REGION, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    this.accountId = accountId;
    this.s3 = new S3Client({ ...settings, forcePathStyle: true });
    this.sqs = new SQSClient(settings);
    this.logs = new CloudWatchLogsClient(settings);
    this.cloudTrail = new CloudTrailClient(settings);
    this.iam = new IAMClient(settings);
    this.#events = new EventBridgeClient(settings);
    this.#sns = new SNSClient(settings);
    closers.push(() => {
      for (const client of [this.s3, this.sqs, this.logs, this.cloudTrail, this.iam, this.#events, this.#sns]) client.destroy();
    });
  }

  /** The queue's URL and ARN. */
  async queue(name: string): Promise<readonly [string, string]> {
    const { QueueUrl = "" } = await this.sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { Attributes = {} } = await this.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    return [QueueUrl, Attributes["QueueArn"] ?? ""];
  }

  /** All bodies that came so far, in the order of receipt. */
  async messages(queue: string): Promise<readonly string[]> {
    const known = this.#received.get(queue) ?? [];
    this.#received.set(queue, known);
    for (;;) {
      const { Messages = [] } = await this.sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return known;
      known.push(...Messages.map(({ Body = "" }) => Body));
      const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
      await this.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queue, Entries }));
    }
  }

  async makeTrail(): Promise<{ readonly rule: string; readonly topic: string }> {
    await this.s3.send(new CreateBucketCommand({ Bucket: "audit-logs" }));
    const Service = "cloudtrail.amazonaws.com";
    const Statement = [
      { Effect: "Allow", Principal: { Service }, Action: "s3:GetBucketAcl", Resource: "arn:aws:s3:::audit-logs" },
      { Effect: "Allow", Principal: { Service }, Action: "s3:PutObject", Resource: "arn:aws:s3:::audit-logs/*" },
    ];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await this.s3.send(new PutBucketPolicyCommand({ Bucket: "audit-logs", Policy }));
    await this.logs.send(new CreateLogGroupCommand({ logGroupName: "audit" }));
    const { logGroups = [] } = await this.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "audit" }));
    const role = await this.#role();
    const [ruleQueue, ruleArn] = await this.queue("from-rule");
    const [topicQueue, topicQueueArn] = await this.queue("from-topic");
    const { TopicArn = "" } = await this.#sns.send(new CreateTopicCommand({ Name: "told" }));
    await this.#sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: topicQueueArn }));
    const pattern = { source: ["aws.iam", "aws.cloudtrail"], "detail-type": ["AWS API Call via CloudTrail"] };
    await this.#events.send(new PutRuleCommand({ Name: "calls", EventPattern: JSON.stringify(pattern) }));
    await this.#events.send(new PutTargetsCommand({ Rule: "calls", Targets: [{ Id: "queue", Arn: ruleArn }] }));
    await this.cloudTrail.send(
      new CreateTrailCommand({
        Name: "audit",
        S3BucketName: "audit-logs",
        IsMultiRegionTrail: true,
        SnsTopicName: "told",
        CloudWatchLogsLogGroupArn: logGroups[0]?.arn,
        CloudWatchLogsRoleArn: role,
      }),
    );
    await this.cloudTrail.send(new StartLoggingCommand({ Name: "audit" }));
    return { rule: ruleQueue, topic: topicQueue };
  }

  async #role(): Promise<string> {
    const name = "CloudTrail_CloudWatchLogs_Role";
    const Principal = { Service: "cloudtrail.amazonaws.com" };
    const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }] };
    const made = new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(document) });
    // The embedded account has no IAM; a role is then a name alone.
    const arn = (await this.iam.send(made).catch(() => undefined))?.Role?.Arn;
    return arn ?? `arn:aws:iam::${this.accountId}:role/${name}`;
  }

  async files(): Promise<ReadonlyMap<string, readonly CloudTrailRecord[]>> {
    const files = new Map<string, readonly CloudTrailRecord[]>();
    const listed = await this.s3.send(new ListObjectsV2Command({ Bucket: "audit-logs", Prefix: "AWSLogs/" }));
    for (const { Key: key = "" } of listed.Contents ?? []) {
      if (key.endsWith("/")) continue;
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: "audit-logs", Key: key }));
      const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
      files.set(key, (JSON.parse(text) as { Records: CloudTrailRecord[] }).Records);
    }
    return files;
  }

  async logged(): Promise<readonly CloudTrailRecord[]> {
    const found: CloudTrailRecord[] = [];
    let nextToken: string | undefined;
    do {
      const answer = await this.logs.send(new FilterLogEventsCommand({ logGroupName: "audit", ...(nextToken && { nextToken }) }));
      found.push(...(answer.events ?? []).map(({ message = "" }) => JSON.parse(message) as CloudTrailRecord));
      ({ nextToken } = answer);
    } while (nextToken !== undefined);
    return found;
  }
}

async function provesItself(chain: Chain, callSomething: () => Promise<unknown>, name: string): Promise<void> {
  const { rule, topic } = await chain.makeTrail();
  await callSomething();
  await chain.cloudTrail.send(new StopLoggingCommand({ Name: "audit" }));
  await callSomething().catch(() => undefined);

  const files = await until(async () => {
    const found = await chain.files();
    return [...found.values()].flat().some((record) => record["eventName"] === "StopLogging") ? found : undefined;
  }, "the log file with StopLogging");
  const delivered = [...files.values()].flat();
  const byId = new Map(delivered.map((record) => [record["eventID"], record]));
  expect(byId.size).toBe(delivered.length);
  expect(delivered.map((record) => record["eventName"])).toEqual(expect.arrayContaining(["StartLogging", name, "StopLogging"]));

  // CloudWatch Logs has the very same records, in streams of AWS's names.
  const logged = await until(async () => {
    const found = await chain.logged();
    return found.length >= delivered.length ? found : undefined;
  }, "the log group has all");
  expect(new Map(logged.map((record) => [record["eventID"], record]))).toEqual(byId);
  const { logStreams = [] } = await chain.logs.send(new DescribeLogStreamsCommand({ logGroupName: "audit" }));
  const regions = new Set(delivered.map((record) => String(record["awsRegion"])));
  expect(logStreams.map(({ logStreamName }) => logStreamName)).toEqual(
    expect.arrayContaining([...regions].map((region) => `${chain.accountId}_CloudTrail_${region}`)),
  );

  // EventBridge has each that the rule takes, once.
  const wanted = delivered.filter(
    ({ eventSource, readOnly, eventType }) =>
      ["iam.amazonaws.com", "cloudtrail.amazonaws.com"].includes(eventSource) && readOnly === false && eventType === "AwsApiCall",
  );
  const arrived = await until(async () => {
    const bodies = (await chain.messages(rule)).map((body) => JSON.parse(body) as CloudTrailRecord);
    return wanted.every(({ eventID }) => bodies.some(({ detail }) => detail.eventID === eventID)) ? bodies : undefined;
  }, "the rule's queue has all");
  for (const envelope of arrived) {
    const { detail } = envelope;
    expect(detail).toEqual(byId.get(detail.eventID));
    expect(envelope).toMatchObject({
      version: "0",
      "detail-type": "AWS API Call via CloudTrail",
      source: `aws.${String(detail.eventSource).split(".")[0]}`,
      // moto leaves it out on the way to queues.
      ...("account" in envelope && { account: chain.accountId }),
      region: detail.awsRegion,
      resources: [],
      time: detail.eventTime,
    });
    expect(envelope["id"]).not.toBe(detail.eventID);
  }
  expect(new Set(arrived.map(({ detail }) => detail.eventID)).size).toBe(arrived.length);

  // SNS was told of each file, after the message that tries the topic out.
  const told = await until(async () => {
    const bodies = (await chain.messages(topic)).map((body) => JSON.parse(body) as CloudTrailRecord);
    return bodies.length > files.size ? bodies : undefined;
  }, "the topic's queue has all");
  const texts = told.map(({ Message }) => String(Message));
  expect(texts).toContain("CloudTrail validation message.");
  const keys = texts.filter((text) => text.startsWith("{")).map((text) => JSON.parse(text) as unknown);
  expect(keys).toHaveLength(files.size);
  expect(keys).toEqual(expect.arrayContaining([...files.keys()].map((key) => ({ s3Bucket: "audit-logs", s3ObjectKey: [key] }))));
  await expectStatus(chain);
  expect(told.every((message) => message["Subject"] === undefined || message["Subject"] === null)).toBe(true);
}

async function expectStatus({ cloudTrail }: Chain): Promise<void> {
  const status = async (): Promise<GetTrailStatusResponse> => await cloudTrail.send(new GetTrailStatusCommand({ Name: "audit" }));
  // It is written down four times a second.
  await until(async () => (await status()).LatestCloudWatchLogsDeliveryTime, "the status of the log group");
  expect(await status()).toMatchObject({
    LatestDeliveryTime: expect.any(Date),
    LatestNotificationTime: expect.any(Date),
    LatestNotificationAttemptSucceeded: expect.stringMatching(/Z$/),
    LatestCloudWatchLogsDeliveryTime: expect.any(Date),
  });
  const { LatestDeliveryError, LatestNotificationError, LatestCloudWatchLogsDeliveryError } = await status();
  expect([LatestDeliveryError, LatestNotificationError, LatestCloudWatchLogsDeliveryError]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  await cloudTrail.send(new UpdateTrailCommand({ Name: "audit", CloudWatchLogsLogGroupArn: "", CloudWatchLogsRoleArn: "" }));
  expect((await status()).LatestCloudWatchLogsDeliveryTime).toBeUndefined();
  expect((await status()).LatestNotificationTime).toBeInstanceOf(Date);
}

describe("a trail with every destination that there is", () => {
  test.skipIf(peer("moto_server") === undefined)(
    "before moto: S3, CloudWatch Logs, SNS and EventBridge have the same events",
    async () => {
      const moto = await startMoto();
      closers.push(() => moto.stop());
      const { url } = await start("123456789012", ["--upstream", moto.url]);
      const chain = new Chain(url, "123456789012");
      await provesItself(chain, () => chain.iam.send(new CreateUserCommand({ UserName: "eve" })), "CreateUser");
    },
  );

  test("in the embedded account: the same", async () => {
    const { url } = await start("123456789012", []);
    const chain = new Chain(url, "123456789012");
    await provesItself(chain, () => chain.queue("more"), "CreateQueue");
  });
});
