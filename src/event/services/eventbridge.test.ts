import { describe, expect, test } from "vitest";
import { recordsOf } from "../golden.test-support.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";

const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

describe("EventBridge", () => {
  test("PutEvents hides details and lists buses without their owner", () => {
    const body = {
      Entries: [
        { Source: "app", DetailType: "t", Detail: '{"secret":1}' },
        { Source: "app", DetailType: "t", Detail: '{"secret":2}', EventBusName: "orders" },
        { Source: "app", DetailType: "t", Detail: "{}", EventBusName: "arn:aws:events:us-east-1:210987654321:event-bus/other" },
      ],
    };
    const [record] = recordsOf(
      jsonExchange("eventbridge", "PutEvents", body, { FailedEntryCount: 0, Entries: [{ EventId: "e-1" }] }),
    );
    expect(record).toMatchObject({
      eventSource: "events.amazonaws.com",
      requestParameters: {
        entries: [{ source: "app", detailType: "t", detail: hidden }, { detail: hidden }, { detail: hidden }],
      },
      responseElements: { failedEntryCount: 0, entries: [{ eventId: "e-1" }] },
      apiVersion: "2015-10-07",
      eventCategory: "Data",
    });
    expect(record?.resources).toEqual([
      { type: "AWS::Events::EventBus", ARN: "arn:aws:events:us-east-1:123456789012:event-bus/default" },
      { type: "AWS::Events::EventBus", ARN: "arn:aws:events:us-east-1:123456789012:event-bus/orders" },
      { type: "AWS::Events::EventBus", ARN: "arn:aws:events:us-east-1:210987654321:event-bus/other" },
    ]);
  });
});
