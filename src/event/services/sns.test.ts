import { describe, expect, test } from "vitest";
import { deployer, form, recordsOf, type WireFixture } from "../golden.test-support.ts";

const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

function exchange(operation: string, parameters: Record<string, string>, result = ""): WireFixture {
  return {
    service: "sns",
    operation,
    protocol: "awsQuery",
    host: "sns.us-east-1.amazonaws.com",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form({ Action: operation, Version: "2010-03-31", ...parameters }),
    caller: deployer,
    requestId: "aaaaaaaa-0000-4000-8000-000000000046",
    eventId: "eeeeeeee-0000-4000-8000-000000000047",
    completed: "2026-03-02T09:15:00Z",
    userAgent: "agent",
    answer: {
      status: 200,
      body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
    },
  };
}

describe("SNS", () => {
  const topic = "arn:aws:sns:us-east-1:123456789012:alerts";
  const topicResource = { accountId: "123456789012", type: "AWS::SNS::Topic", ARN: topic };

  test("Publish hides what is said", () => {
    const [record] = recordsOf(
      exchange("Publish", { TopicArn: topic, Message: "secret", Subject: "secret" }, "<MessageId>m-1</MessageId>"),
    );
    expect(record?.requestParameters).toEqual({ topicArn: topic, message: hidden, subject: hidden });
    expect(record).toMatchObject({ responseElements: { messageId: "m-1" }, resources: [topicResource], eventCategory: "Data" });
  });

  test.each([
    ["CreateTopic", { Name: "alerts" }, `<TopicArn>${topic}</TopicArn>`, topicResource],
    ["Subscribe", { TopicArn: topic, Protocol: "sqs" }, "", topicResource],
    ["Unsubscribe", { SubscriptionArn: `${topic}:0a1b2c3d-0000-4000-8000-000000000001` }, "", topicResource],
    [
      "Publish",
      { TargetArn: "arn:aws:sns:us-east-1:123456789012:endpoint/GCM/app/1", Message: "x" },
      "",
      {
        accountId: "123456789012",
        type: "AWS::SNS::PlatformEndpoint",
        ARN: "arn:aws:sns:us-east-1:123456789012:endpoint/GCM/app/1",
      },
    ],
  ])("%s %j names its resource", (operation, parameters: Record<string, string>, result, resource) => {
    expect(recordsOf(exchange(operation, parameters, result))[0]?.resources).toEqual([resource]);
  });
});
