import { expect, test } from "vitest";
import { buildServiceEvent } from "./build-service-event.ts";

test("a service's own event has AWS's members in AWS's order", () => {
  const { record, index } = buildServiceEvent({
    eventId: "e",
    time: 1_772_442_300_999,
    account: "111122223333",
    region: "eu-west-1",
    source: "cloudtrail.amazonaws.com",
    name: "RecordingGap",
    details: { calls: 3 },
  });
  expect(Buffer.from(record).toString()).toBe(
    '{"eventVersion":"1.11","userIdentity":{"accountId":"111122223333","invokedBy":"cloudtrail.amazonaws.com"},' +
      '"eventTime":"2026-03-02T09:05:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"RecordingGap",' +
      '"awsRegion":"eu-west-1","sourceIPAddress":"cloudtrail.amazonaws.com","userAgent":"cloudtrail.amazonaws.com",' +
      '"requestParameters":null,"responseElements":null,"eventID":"e","readOnly":false,"eventType":"AwsServiceEvent",' +
      '"managementEvent":true,"recipientAccountId":"111122223333","serviceEventDetails":{"calls":3},"eventCategory":"Management"}',
  );
  expect(index).toEqual({
    eventId: "e",
    time: 1_772_442_300,
    account: "111122223333",
    region: "eu-west-1",
    category: "Management",
    source: "cloudtrail.amazonaws.com",
    name: "RecordingGap",
    readOnly: false,
    resources: [],
  });
});
