import { describe, expect, test } from "vitest";
import type { Json } from "../../aws/tree.ts";
import { createEventBuilder } from "../build-event.ts";
import { cliAgent, finishedCall, form, recordsOf } from "../golden.test-support.ts";
import { expectedRecord } from "./expected-record.test-support.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";

const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
const queueUrl = "https://sqs.us-east-1.amazonaws.com/123456789012/orders";
const queue = { accountId: "123456789012", type: "AWS::SQS::Queue", ARN: "arn:aws:sqs:us-east-1:123456789012:orders" };

const exchange = (operation: string, body: Json, answer: Json = {}) =>
  jsonExchange("sqs", operation, body, answer, {
    requestId: "aaaaaaaa-0000-4000-8000-000000000044",
    eventId: "eeeeeeee-0000-4000-8000-000000000045",
    userAgent: cliAgent("sqs.send-message"),
  });

describe("SQS", () => {
  test("SendMessage: whole record", () => {
    const [record] = recordsOf(
      exchange(
        "SendMessage",
        { QueueUrl: queueUrl, MessageBody: "secret" },
        { MD5OfMessageBody: "39fcadaa0b6f95e24b3642ad001631cd", MessageId: "785c7ebd-0000-4000-8000-000000000001" },
      ),
    );
    expect(record).toEqual(
      expectedRecord("deployer", "sqs.us-east-1.amazonaws.com", {
        eventTime: "2026-03-02T09:15:00Z",
        eventSource: "sqs.amazonaws.com",
        eventName: "SendMessage",
        userAgent: cliAgent("sqs.send-message"),
        requestParameters: { queueUrl, messageBody: hidden },
        responseElements: {
          mD5OfMessageBody: "39fcadaa0b6f95e24b3642ad001631cd",
          messageId: "785c7ebd-0000-4000-8000-000000000001",
        },
        requestID: "aaaaaaaa-0000-4000-8000-000000000044",
        eventID: "eeeeeeee-0000-4000-8000-000000000045",
        readOnly: false,
        resources: [queue],
        managementEvent: false,
      }),
    );
  });

  test("attributes of messages are emptied, in a batch as well", () => {
    const message = { Id: "1", MessageBody: "secret", MessageAttributes: { a: { DataType: "String", StringValue: "secret" } } };
    expect(recordsOf(exchange("SendMessage", { QueueUrl: queueUrl, ...message }))[0]?.requestParameters).toMatchObject({
      messageAttributes: {},
    });
    const [record] = recordsOf(exchange("SendMessageBatch", { QueueUrl: queueUrl, Entries: [message] }));
    expect(record?.requestParameters).toEqual({ queueUrl, entries: [{ id: "1", messageBody: hidden, messageAttributes: {} }] });
  });

  test("ReceiveMessage shows neither answer nor names of attributes", () => {
    const body = { QueueUrl: queueUrl, MessageAttributeNames: ["secret"] };
    const [record] = recordsOf(exchange("ReceiveMessage", body, { Messages: [{ Body: "secret" }] }));
    expect(record?.requestParameters).toEqual({ queueUrl, messageAttributeNames: [hidden] });
    expect(record?.responseElements).toBeNull();
  });

  test.each([
    ["ListQueues", {}, "arn:aws:sqs:us-east-1:123456789012:*"],
    ["ListQueues", { QueueNamePrefix: "ord" }, "arn:aws:sqs:us-east-1:123456789012:ord*"],
    ["GetQueueUrl", { QueueName: "orders.fifo" }, "arn:aws:sqs:us-east-1:123456789012:orders.fifo"],
    ["GetQueueUrl", { QueueName: "o", QueueOwnerAWSAccountId: "210987654321" }, "arn:aws:sqs:us-east-1:210987654321:o"],
    ["PurgeQueue", { QueueUrl: "http://localhost:4566/000000000000/orders" }, "arn:aws:sqs:us-east-1:000000000000:orders"],
    ["PurgeQueue", { QueueUrl: "http://localhost/queue/orders" }, "arn:aws:sqs:us-east-1:123456789012:orders"],
  ])("%s %j is about %s", (operation, body, arn) => {
    expect(recordsOf(exchange(operation, body))[0]?.resources).toMatchObject([{ type: "AWS::SQS::Queue", ARN: arn }]);
  });

  test("the queue may stand in the path alone, as older SDKs have it", () => {
    const [record] = recordsOf({
      ...exchange("SendMessage", {}),
      protocol: "awsQuery",
      target: "/210987654321/orders",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form({ Action: "SendMessage", Version: "2012-11-05", MessageBody: "secret" }),
      answer: { status: 200, body: "<SendMessageResponse><SendMessageResult/></SendMessageResponse>" },
    });
    expect(record?.requestParameters).toEqual({
      queueUrl: "https://sqs.us-east-1.amazonaws.com/210987654321/orders",
      messageBody: hidden,
    });
    expect(record?.resources).toMatchObject([{ ARN: "arn:aws:sqs:us-east-1:210987654321:orders" }]);
  });

  test("ListDeadLetterSourceQueues fills in a number", () => {
    expect(recordsOf(exchange("ListDeadLetterSourceQueues", { QueueUrl: queueUrl }))[0]?.requestParameters).toEqual({
      queueUrl,
      maxResults: 0,
    });
  });

  test("LookupEvents names queues by URL", () => {
    const [built] = createEventBuilder({ newId: () => "" }).build(finishedCall(exchange("DeleteQueue", { QueueUrl: queueUrl })));
    expect(built?.index.resources).toEqual([{ type: "AWS::SQS::Queue", name: queueUrl }]);
  });
});
