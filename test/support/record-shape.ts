import { expect } from "vitest";
import type { CloudTrailRecord } from "./opentrail-process.ts";

/** AWS's order of the record's fields. */
const FIELD_ORDER = [
  "eventVersion",
  "userIdentity",
  "eventTime",
  "eventSource",
  "eventName",
  "awsRegion",
  "sourceIPAddress",
  "userAgent",
  "errorCode",
  "errorMessage",
  "requestParameters",
  "responseElements",
  "additionalEventData",
  "requestID",
  "eventID",
  "readOnly",
  "resources",
  "eventType",
  "apiVersion",
  "managementEvent",
  "recipientAccountId",
  "sharedEventID",
  "vpcEndpointId",
  "vpcEndpointAccountId",
  "serviceEventDetails",
  "addendum",
  "edgeDeviceDetails",
  "eventCategory",
  "tlsDetails",
  "sessionCredentialFromConsole",
  "eventContext",
];

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What every record of an API call owes: members, types, order, and nothing that AWS does not have. */
export function expectRecord(record: CloudTrailRecord): void {
  const names = Object.keys(record);
  expect(names).toEqual(FIELD_ORDER.filter((name) => names.includes(name)));
  expect(record).toMatchObject({
    eventVersion: "1.11",
    userIdentity: expect.any(Object),
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    eventSource: expect.stringMatching(/^[a-z0-9-]+\.amazonaws\.com$/),
    eventID: expect.stringMatching(UUID),
    readOnly: expect.any(Boolean),
    eventType: "AwsApiCall",
    managementEvent: record["eventCategory"] === "Management",
    recipientAccountId: expect.stringMatching(/^\d{12}$/),
  });
  expect(names).toContain("requestParameters");
  expect(names).toContain("responseElements");
  for (const [name, value] of Object.entries(record)) {
    if (value === null) expect(["requestParameters", "responseElements"]).toContain(name);
  }
}
