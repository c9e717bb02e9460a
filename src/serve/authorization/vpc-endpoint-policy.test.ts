import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { AccountDirectory } from "../../account/identities/account-directory.ts";
import { endpointPolicySchema } from "../../account/identities/policy-document.ts";
import type { AwsError } from "../../aws/aws-error.ts";
import type { CallContext } from "../../aws/endpoint.ts";
import { systemClock } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import { createEventBuilder } from "../../event/build-event.ts";
import { cliAgent, deployer, exampleAccount, finishedCall, type WireFixture } from "../../event/golden.test-support.ts";
import { createIamSimulateEndpointPolicies } from "./drivers/iam-simulate/iam-simulate-endpoint-policy.ts";
import { VpcEndpointPolicy } from "./vpc-endpoint-policy.ts";

const ENDPOINT = "vpce-0a1b2c3d4e5f60718";
const evaluator = createIamSimulateEndpointPolicies(createLogger("silent"));
const builder = createEventBuilder({ newId: randomUUID });

const common = {
  caller: deployer,
  requestId: "aaaaaaaa-0000-4000-8000-000000000001",
  eventId: "eeeeeeee-0000-4000-8000-000000000002",
  completed: "2026-03-02T09:05:01Z",
  userAgent: cliAgent("test"),
  answer: { status: 200 },
} as const;
const s3 = (operation: string, key?: string): WireFixture => ({
  ...common,
  service: "s3",
  operation,
  protocol: "restXml",
  method: "GET",
  host: "s3.us-east-1.amazonaws.com",
  target: `/data/${key ?? ""}`,
  s3: { bucket: "data", key },
});
const json = (service: string, operation: string, body: object): WireFixture => ({
  ...common,
  service,
  operation,
  protocol: "awsJson1_1",
  host: `${service}.us-east-1.amazonaws.com`,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: JSON.stringify(body),
});

type Statement = Readonly<Record<string, unknown>>;

async function check(fixture: WireFixture, ...Statement: Statement[]): Promise<AwsError | undefined> {
  const policy = endpointPolicySchema.parse({ Statement });
  const accounts = new AccountDirectory([]);
  const enforced = new VpcEndpointPolicy({ endpointId: ENDPOINT, policy, evaluator, builder, accounts, clock: systemClock });
  const call = finishedCall(fixture);
  const context: CallContext = {
    operation: call.operation,
    serviceId: call.serviceId,
    operationName: call.operationName,
    region: call.region,
    accountId: exampleAccount,
    protocol: fixture.protocol,
    accessKeyId: undefined,
    callerArn: `arn:aws:iam::${exampleAccount}:user/alice`,
    requestId: call.requestId,
  };
  return await enforced.check({ ...call, response: undefined }, context);
}

const allow = (more: Statement = {}): Statement => ({ Effect: "Allow", Principal: "*", Action: "*", Resource: "*", ...more });
const deny = (more: Statement): Statement => allow({ Effect: "Deny", ...more });

describe("an endpoint's policy", () => {
  test("lets pass what it allows, and nothing else", async () => {
    expect(await check(s3("GetObject", "in/1"), allow())).toBeUndefined();
    expect(await check(s3("GetObject", "in/1"), allow({ Resource: "arn:aws:s3:::data/in/*" }))).toBeUndefined();
    expect(await check(s3("GetObject", "out/1"), allow({ Resource: "arn:aws:s3:::data/in/*" }))).toMatchObject({
      code: "AccessDenied",
      status: 403,
      message: `User: arn:aws:iam::${exampleAccount}:user/alice is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::data/out/1 because no VPC endpoint policy allows the s3:GetObject action`,
    });
  });

  test("names calls as IAM does", async () => {
    expect(await check(s3("HeadObject", "k"), allow({ Action: "s3:GetObject" }))).toBeUndefined();
    expect(await check(s3("ListObjectsV2"), allow({ Action: "s3:ListBucket", Resource: "arn:aws:s3:::data" }))).toBeUndefined();
    expect(await check(s3("ListObjectsV2"), allow({ Action: "s3:GetObject" }))).toMatchObject({ code: "AccessDenied" });
  });

  test("finds resources in bodies", async () => {
    const table = `arn:aws:dynamodb:us-east-1:${exampleAccount}:table/secret`;
    const put = (TableName: string): WireFixture => json("dynamodb", "PutItem", { TableName, Item: {} });
    expect(await check(put("open"), allow(), deny({ Resource: table }))).toBeUndefined();
    expect(await check(put("secret"), allow(), deny({ Resource: table }))).toMatchObject({
      code: "AccessDeniedException",
      status: 400,
      message: expect.stringContaining("with an explicit deny in a VPC endpoint policy") as string,
    });
  });

  test("denies what might be denied where nobody knows what a call touches", async () => {
    const get = json("secrets-manager", "GetSecretValue", { SecretId: "s" });
    expect(await check(get, allow())).toBeUndefined();
    expect((await check(get, allow(), deny({ Resource: "arn:aws:secretsmanager:*:*:secret:other" })))?.message).toMatch(
      /explicit deny/,
    );
    expect(await check(get, allow({ Resource: "arn:aws:secretsmanager:*:*:secret:s" }))).toBeDefined();
    expect(
      await check(get, allow(), { ...deny({ NotResource: "arn:aws:secretsmanager:*:*:secret:s" }), Resource: undefined }),
    ).toBeDefined();
  });

  test("knows its endpoint and the caller's network, not a public address", async () => {
    const when = (key: string, value: string): Statement => allow({ Condition: { StringEquals: { [key]: value } } });
    expect(await check(s3("GetObject", "k"), when("aws:SourceVpce", ENDPOINT))).toBeUndefined();
    expect(await check(s3("GetObject", "k"), when("aws:SourceVpce", "vpce-00000000"))).toBeDefined();
    expect(
      await check(s3("GetObject", "k"), allow({ Condition: { IpAddress: { "aws:VpcSourceIp": "198.51.100.0/24" } } })),
    ).toBeUndefined();
    expect(await check(s3("GetObject", "k"), allow({ Condition: { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } } }))).toBeDefined();
  });

  test("is taken for everybody alone", () => {
    const problems = (Statement: Statement): boolean => endpointPolicySchema.safeParse({ Statement }).success;
    expect(problems(allow())).toBe(true);
    expect(problems(allow({ Principal: { AWS: "*" } }))).toBe(true);
    expect(problems(allow({ Principal: { AWS: exampleAccount } }))).toBe(false);
    expect(problems(allow({ Principal: undefined }))).toBe(false);
    expect(problems(allow({ Resource: undefined }))).toBe(false);
  });
});
