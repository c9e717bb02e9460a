import { createHash } from "node:crypto";
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeKeyId } from "../../aws/key-id.ts";
import { TestAccount } from "../embedded-account.test-support.ts";

const ACCOUNT = "111122223333";
let account: TestAccount;
let sqs: SQSClient;
let sns: SNSClient;
const clients: { destroy(): void }[] = [];

/** Clients of one account in one region; the account stands in the access key. */
function connect(accountId = ACCOUNT, region = "us-east-1"): { sqs: SQSClient; sns: SNSClient } {
  const accessKeyId = makeKeyId("AKIA", accountId);
  const options = { endpoint: account.url, region, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey: "test" } };
  const pair = { sqs: new SQSClient(options), sns: new SNSClient(options) };
  clients.push(pair.sqs, pair.sns);
  return pair;
}

beforeAll(async () => {
  account = await new TestAccount().start();
  ({ sqs, sns } = connect());
});
afterEach(() => expect(account.errors.splice(0)).toEqual([]));
afterAll(async () => {
  for (const client of clients) client.destroy();
  await account.remove();
});

async function queue(QueueName: string, Attributes = {}): Promise<{ QueueUrl: string; arn: string }> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  const got = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  return { QueueUrl: QueueUrl!, arn: got.Attributes!.QueueArn! };
}

describe("SQS", () => {
  test("queues: URLs lead back to where the client is, ARNs have its account and region", async () => {
    const { QueueUrl, arn } = await queue("orders");
    expect(QueueUrl).toBe(`${account.url}/${ACCOUNT}/orders`);
    expect(arn).toBe(`arn:aws:sqs:us-east-1:${ACCOUNT}:orders`);
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: "orders" }))).QueueUrl).toBe(QueueUrl);
    await queue("invoices");
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({}));
    expect(QueueUrls?.toSorted()).toEqual([`${account.url}/${ACCOUNT}/invoices`, QueueUrl]);
    expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "inv" }))).QueueUrls).toHaveLength(1);
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "7" } }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    expect(Attributes).toMatchObject({ VisibilityTimeout: "7", QueueArn: arn });
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: "b", c: "d" } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["a"] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ c: "d" });
    await sqs.send(new DeleteQueueCommand({ QueueUrl: `${account.url}/${ACCOUNT}/invoices` }));
    expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls).toEqual([QueueUrl]);
  });

  test("messages: sent, received, hidden, shown again, deleted", async () => {
    const { QueueUrl } = await queue("messages");
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "one",
        MessageAttributes: { kind: { DataType: "String", StringValue: "x" } },
      }),
    );
    const receive = async () =>
      (
        await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            MessageAttributeNames: ["All"],
            MessageSystemAttributeNames: ["All"],
          }),
        )
      ).Messages ?? [];
    const [message] = await receive();
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: "one",
      Attributes: { SenderId: ACCOUNT, ApproximateReceiveCount: "1" },
      MessageAttributes: { kind: { StringValue: "x" } },
    });
    expect(await receive()).toEqual([]);
    const { ReceiptHandle } = message!;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    const [again] = await receive();
    await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [{ Id: "a", ReceiptHandle: again!.ReceiptHandle, VisibilityTimeout: 0 }],
      }),
    );
    const [third] = await receive();
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: third!.ReceiptHandle }));
    const batch = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "1", MessageBody: "a" },
          { Id: "2", MessageBody: "b" },
        ],
      }),
    );
    expect(batch.Successful).toHaveLength(2);
    const both = await receive();
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: both.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "purged" }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    const left = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    expect(left.Attributes).toMatchObject({
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
    });
  });

  test("a queue for what nobody can handle", async () => {
    const dead = await queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
    const { QueueUrl } = await queue("alive", { RedrivePolicy, VisibilityTimeout: "0" });
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["RedrivePolicy"] }));
    expect(JSON.parse(Attributes!.RedrivePolicy!)).toMatchObject({ deadLetterTargetArn: dead.arn });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "poison" }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? []).toEqual([]);
    const moved = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead.QueueUrl }));
    expect(moved.Messages?.map(({ Body }) => Body)).toEqual(["poison"]);
  });

  test("errors are SQS's own", async () => {
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: "none" }))).rejects.toMatchObject({
      name: "QueueDoesNotExist",
      $metadata: { httpStatusCode: 400 },
    });
    for (const QueueName of ["a/b", "a b", "a.b", "x".repeat(81), ""]) {
      await expect(sqs.send(new CreateQueueCommand({ QueueName }))).rejects.toMatchObject({ name: "InvalidParameterValue" });
    }
    const bad = {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.ListQueues" },
    };
    for (const body of ["{", "[]", "null"]) {
      const answer = await fetch(account.url, { ...bad, body });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ __type: "SerializationException" });
    }
  });

  test("a query to the queue itself need not name it again", async () => {
    const { QueueUrl } = await queue("addressed");
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "found" }));
    const call = (path: string): Promise<Response> =>
      fetch(`${account.url}${path}`, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          authorization: `AWS4-HMAC-SHA256 Credential=${makeKeyId("AKIA", ACCOUNT)}/20260302/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=00`,
        },
        body: "Action=ReceiveMessage&Version=2012-11-05",
      });
    const answer = await call(new URL(QueueUrl).pathname);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("<Body>found</Body>");
    expect((await call("/")).status).toBe(400);
  });

  test("a long poll ends when a message comes; one that nobody waits for takes nothing", async () => {
    const { QueueUrl } = await queue("polled");
    const polling = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "now" }));
    const [message] = (await polling).Messages!;
    expect(message?.Body).toBe("now");
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message!.ReceiptHandle }));

    await expect.poll(() => account.begun.at(-1)).toBe("DeleteMessage");
    const leaving = new AbortController();
    const abandoned = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: leaving.signal });
    const ended = expect(abandoned).rejects.toMatchObject({ name: "AbortError" });
    await expect.poll(() => account.begun.at(-1)).toBe("ReceiveMessage");
    leaving.abort();
    await ended;
    await expect.poll(() => account.abandoned).toEqual(["ReceiveMessage"]);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "for somebody" }));
    await expect
      .poll(async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body)
      .toBe("for somebody");
  });
});

describe("SNS", () => {
  test("topics and subscriptions", async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "news" }));
    expect(TopicArn).toBe(`arn:aws:sns:us-east-1:${ACCOUNT}:news`);
    await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue: "News" }));
    const topic = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(topic.Attributes).toMatchObject({ TopicArn, Owner: ACCOUNT, DisplayName: "News" });
    expect((await sns.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn }]);
    await sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: "a", Value: "b" }] }));
    const tags = await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    expect(tags.Tags).toEqual([{ Key: "a", Value: "b" }]);
    await sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ["a"] }));

    const { arn: Endpoint } = await queue("reader");
    const { SubscriptionArn } = await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
    expect(SubscriptionArn).toMatch(new RegExp(`^arn:aws:sns:us-east-1:${ACCOUNT}:news:`));
    const expected = [{ TopicArn, SubscriptionArn, Endpoint, Protocol: "sqs", Owner: ACCOUNT }];
    expect((await sns.send(new ListSubscriptionsCommand({}))).Subscriptions).toEqual(expected);
    expect((await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toEqual(expected);
    await sns.send(
      new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: "RawMessageDelivery", AttributeValue: "true" }),
    );
    const subscription = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(subscription.Attributes).toMatchObject({ RawMessageDelivery: "true", Endpoint, Owner: ACCOUNT });
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: SubscriptionArn! }));
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect((await sns.send(new ListSubscriptionsCommand({}))).Subscriptions ?? []).toEqual([]);
    await sns.send(new DeleteTopicCommand({ TopicArn }));
    await expect(sns.send(new GetTopicAttributesCommand({ TopicArn }))).rejects.toMatchObject({
      name: "NotFoundException",
      $metadata: { httpStatusCode: 404 },
    });
  });

  test("what is published reaches queues, wrapped and raw", async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "fan-out" }));
    const wrapped = await queue("wrapped");
    const rawly = await queue("raw");
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: wrapped.arn }));
    await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: rawly.arn, Attributes: { RawMessageDelivery: "true" } }),
    );
    const { MessageId } = await sns.send(new PublishCommand({ TopicArn, Message: "extra & <extra>", Subject: "s" }));
    const [envelope] = (await sqs.send(new ReceiveMessageCommand({ QueueUrl: wrapped.QueueUrl }))).Messages!;
    expect(JSON.parse(envelope!.Body!)).toMatchObject({ Type: "Notification", TopicArn, MessageId, Message: "extra & <extra>" });
    // The SDK has checked it too.
    expect(envelope!.MD5OfBody).toBe(createHash("md5").update(envelope!.Body!).digest("hex"));
    const [bare] = (await sqs.send(new ReceiveMessageCommand({ QueueUrl: rawly.QueueUrl }))).Messages!;
    expect(bare!.Body).toBe("extra & <extra>");
    const batch = await sns.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: "1", Message: "a" },
          { Id: "2", Message: "b" },
        ],
      }),
    );
    expect(batch.Successful).toHaveLength(2);
  });
});

describe("what fauxqs would lose", () => {
  test("messages of a queue that is tagged, and one that was given back, are there after a restart", async () => {
    const { QueueUrl } = await queue("restarted");
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "kept" }));
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: "b" } }));
    const [message] = (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages!;
    const { ReceiptHandle } = message!;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    await account.restart();
    ({ sqs, sns } = connect());
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ["ApproximateReceiveCount"] }),
    );
    expect(Messages).toMatchObject([{ Body: "kept", Attributes: { ApproximateReceiveCount: "2" } }]);
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ a: "b" });
  });
});

describe("accounts and regions", () => {
  test("one name in four places is four queues, and all are there after a restart", async () => {
    const places = ["111122223333", "444455556666"].flatMap((id) =>
      ["us-east-1", "eu-west-1"].map((region) => [id, region] as const),
    );
    for (const [id, region] of places) {
      const there = connect(id, region).sqs;
      const { QueueUrl } = await there.send(new CreateQueueCommand({ QueueName: "same" }));
      await there.send(new SendMessageCommand({ QueueUrl, MessageBody: `for ${id} in ${region}` }));
    }
    await account.restart();
    for (const [id, region] of places) {
      const there = connect(id, region).sqs;
      const { QueueUrl } = await there.send(new GetQueueUrlCommand({ QueueName: "same" }));
      const got = await there.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
      expect(got.Attributes?.QueueArn).toBe(`arn:aws:sqs:${region}:${id}:same`);
      const { Messages } = await there.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      expect(Messages?.map(({ Body }) => Body)).toEqual([`for ${id} in ${region}`]);
    }
  });

  test("a region that could lead out of the directory is refused", async () => {
    for (const region of ["..%2f..", "a/b", "-", "x".repeat(70)]) {
      const answer = await fetch(account.url, {
        method: "POST",
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=AKID/20260302/${region}/sqs/aws4_request, SignedHeaders=host, Signature=ab`,
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": "AmazonSQS.ListQueues",
        },
        body: "{}",
      });
      expect([200, 403]).toContain(answer.status);
    }
    const { readdirSync } = await import("node:fs");
    const { join } = await import("node:path");
    for (const id of readdirSync(join(account.directory, "embedded/messaging"))) {
      expect(id).toMatch(/^\d{12}$/);
      for (const region of readdirSync(join(account.directory, "embedded/messaging", id))) {
        expect(region).toMatch(/^[a-z0-9][a-z0-9-]*$/);
      }
    }
  });
});
