import { describe, expect, test } from "vitest";
import type { ApiCall } from "./api-call.ts";
import { createEventBuilder } from "./build-event.ts";
import { deployer, exampleAccount, finishedCall } from "./golden.test-support.ts";

let ids = 0;
const builder = createEventBuilder({ newId: () => `ffffffff-0000-4000-8000-${String((ids += 1)).padStart(12, "0")}` });
const OWNER = "210987654321";

const listKeys = (accountId: string, denied: boolean): ApiCall => ({
  ...finishedCall({
    service: "kms",
    operation: "ListKeys",
    protocol: "awsJson1_1",
    host: "kms.us-east-1.amazonaws.com",
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: "{}",
    caller: deployer,
    requestId: "aaaaaaaa-0000-4000-8000-000000000041",
    eventId: "eeeeeeee-0000-4000-8000-000000000042",
    completed: "2026-03-02T09:14:00Z",
    userAgent: "aws-cli/2",
    answer: { status: 200, body: '{"Keys":[]}' },
  }),
  vpcEndpoint: { id: "vpce-0a1b2c3d4e5f60718", accountId, denied },
});
// oxlint-disable-next-line typescript/no-explicit-any -- a record is whatever the tests find in it
const recordsOf = (call: ApiCall): Record<string, any>[] =>
  builder.build(call).map(({ record }) => JSON.parse(Buffer.from(record).toString()) as Record<string, unknown>);

describe("a call through a VPC endpoint", () => {
  test("that the endpoint's policy denies is told its owner alone, who learns little of strangers", () => {
    const [record, ...more] = recordsOf(listKeys(OWNER, true));
    expect(more).toEqual([]);
    expect(Object.entries(record ?? {})).toEqual([
      ["eventVersion", "1.11"],
      ["userIdentity", { type: "AWSAccount", principalId: expect.any(String) as string, accountId: exampleAccount }],
      ["eventTime", "2026-03-02T09:14:00Z"],
      ["eventSource", "kms.amazonaws.com"],
      ["eventName", "ListKeys"],
      ["awsRegion", "us-east-1"],
      ["sourceIPAddress", "198.51.100.24"],
      ["errorCode", "VpceAccessDenied"],
      ["errorMessage", "The request was denied due to a VPC endpoint policy"],
      ["requestID", "aaaaaaaa-0000-4000-8000-000000000041"],
      ["eventID", "eeeeeeee-0000-4000-8000-000000000042"],
      ["eventType", "AwsVpceEvent"],
      ["recipientAccountId", OWNER],
      ["sharedEventID", expect.stringMatching(/^ffffffff-/) as string],
      ["vpcEndpointId", "vpce-0a1b2c3d4e5f60718"],
      ["vpcEndpointAccountId", OWNER],
      ["eventCategory", "NetworkActivity"],
    ]);
  });

  test("shows its own account the whole identity", () => {
    const [record] = recordsOf(listKeys(exampleAccount, true));
    expect(record?.["userIdentity"]).toMatchObject({ arn: expect.any(String) as string, accountId: exampleAccount });
    expect(record?.["userIdentity"].type).not.toBe("AWSAccount");
  });

  test("that passes is recorded twice: as the call that it is, and for the owner", () => {
    const [own, network, ...more] = recordsOf(listKeys(OWNER, false));
    expect(more).toEqual([]);
    expect(own).toMatchObject({
      eventCategory: "Management",
      recipientAccountId: exampleAccount,
      vpcEndpointId: "vpce-0a1b2c3d4e5f60718",
      vpcEndpointAccountId: OWNER,
    });
    expect(network).toMatchObject({ eventCategory: "NetworkActivity", recipientAccountId: OWNER });
    expect(network).not.toHaveProperty("errorCode");
    expect(network?.["eventID"]).not.toBe(own?.["eventID"]);
  });

  test("is indexed under the endpoint's owner", () => {
    const [built] = builder.build(listKeys(OWNER, true));
    expect(built?.index).toMatchObject({
      account: OWNER,
      category: "NetworkActivity",
      errorCode: "VpceAccessDenied",
      resources: [],
    });
  });
});
