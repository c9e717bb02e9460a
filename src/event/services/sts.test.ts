import { describe, expect, test } from "vitest";
import { createEventBuilder } from "../build-event.ts";
import { alice, cliAgent, finishedCall, form, recordsOf, type WireFixture } from "../golden.test-support.ts";
import { expectedRecord } from "./expected-record.test-support.ts";

const role = "arn:aws:iam::123456789012:role/Deployer";
const host = "sts.us-east-1.amazonaws.com";

function fixture(
  operation: string,
  parameters: Record<string, string>,
  result: string,
  parts: Partial<WireFixture> = {},
): WireFixture {
  return {
    service: "sts",
    operation,
    protocol: "awsQuery",
    host,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form({ Action: operation, Version: "2011-06-15", ...parameters }),
    caller: alice,
    requestId: "aaaaaaaa-0000-4000-8000-000000000011",
    eventId: "eeeeeeee-0000-4000-8000-000000000012",
    completed: "2026-03-02T09:00:11Z",
    userAgent: cliAgent("sts.assume-role"),
    answer: {
      status: 200,
      body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
    },
    ...parts,
  };
}

const credentials = `<Credentials><AccessKeyId>ASIARZPUZDIKBEXAMPLE</AccessKeyId><SecretAccessKey>verysecret</SecretAccessKey>
  <SessionToken>IQoJb3JpZ2luX2VjEXAMPLETOKEN</SessionToken><Expiration>2026-03-02T10:00:11Z</Expiration></Credentials>`;
const assumed = `${credentials}<AssumedRoleUser><AssumedRoleId>AROARZPUZDIKDAEXAMPLE:ci-run-42</AssumedRoleId>
  <Arn>arn:aws:sts::123456789012:assumed-role/Deployer/ci-run-42</Arn></AssumedRoleUser>`;
const assumeRole = fixture("AssumeRole", { RoleArn: role, RoleSessionName: "ci-run-42", DurationSeconds: "3600" }, assumed);

const expected = (sessionToken: string) =>
  expectedRecord("alice", host, {
    eventTime: "2026-03-02T09:00:11Z",
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRole",
    userAgent: cliAgent("sts.assume-role"),
    requestParameters: { roleArn: role, roleSessionName: "ci-run-42", durationSeconds: 3600 },
    responseElements: {
      credentials: { accessKeyId: "ASIARZPUZDIKBEXAMPLE", sessionToken, expiration: "2026-03-02T10:00:11Z" },
      assumedRoleUser: {
        assumedRoleId: "AROARZPUZDIKDAEXAMPLE:ci-run-42",
        arn: "arn:aws:sts::123456789012:assumed-role/Deployer/ci-run-42",
      },
    },
    additionalEventData: { RequestDetails: { awsServingRegion: "us-east-1", endpointType: "regional" } },
    requestID: "aaaaaaaa-0000-4000-8000-000000000011",
    eventID: "eeeeeeee-0000-4000-8000-000000000012",
    readOnly: true,
    resources: [{ accountId: "123456789012", type: "AWS::IAM::Role", ARN: role }],
  });

describe("AssumeRole", () => {
  test("whole record, as AWS writes it where session tokens are shown", () => {
    expect(recordsOf(assumeRole, { showSessionTokens: true })).toEqual([expected("IQoJb3JpZ2luX2VjEXAMPLETOKEN")]);
  });

  test("session tokens are hidden unless asked for", () => {
    expect(recordsOf(assumeRole)).toEqual([expected("HIDDEN_DUE_TO_SECURITY_REASONS")]);
  });

  test("a role of another account belongs to that account", () => {
    const other = role.replace("123456789012", "210987654321");
    const [record] = recordsOf(fixture("AssumeRole", { RoleArn: other, RoleSessionName: "s" }, assumed));
    expect(record?.resources).toEqual([{ accountId: "210987654321", type: "AWS::IAM::Role", ARN: other }]);
  });

  test("LookupEvents finds it by key, session and role", () => {
    const [built] = createEventBuilder({ newId: () => "" }).build(finishedCall(assumeRole));
    expect(built?.index.resources).toEqual([
      { type: "AWS::IAM::AccessKey", name: "ASIARZPUZDIKBEXAMPLE" },
      { type: "AWS::STS::AssumedRole", name: "arn:aws:sts::123456789012:assumed-role/Deployer/ci-run-42" },
      { type: "AWS::STS::AssumedRole", name: "AROARZPUZDIKDAEXAMPLE:ci-run-42" },
      { type: "AWS::STS::AssumedRole", name: "ci-run-42" },
      { type: "AWS::IAM::Role", name: role },
    ]);
  });
});

describe("endpoint", () => {
  test("the global one", () => {
    const [record] = recordsOf({ ...assumeRole, host: "sts.amazonaws.com", region: "eu-west-1" });
    expect(record?.additionalEventData).toEqual({ RequestDetails: { awsServingRegion: "us-east-1", endpointType: "global" } });
    expect(record?.awsRegion).toBe("us-east-1");
  });

  test("a regional one", () => {
    const [record] = recordsOf({ ...assumeRole, host: "sts.eu-west-1.amazonaws.com", region: "eu-west-1" });
    expect(record?.additionalEventData).toEqual({ RequestDetails: { awsServingRegion: "eu-west-1", endpointType: "regional" } });
  });
});

describe("tokens and assertions", () => {
  test("a web identity token is dropped", () => {
    const [record] = recordsOf(
      fixture(
        "AssumeRoleWithWebIdentity",
        { RoleArn: role, RoleSessionName: "s", WebIdentityToken: "eyJ.verysecret.x" },
        assumed,
      ),
    );
    expect(record?.requestParameters).toEqual({ roleArn: role, roleSessionName: "s" });
    expect(JSON.stringify(record)).not.toContain("verysecret");
  });

  test("of a SAML assertion, its id; the provider is a resource, too", () => {
    const provider = "arn:aws:iam::123456789012:saml-provider/corp";
    const xml =
      '<samlp:Response ID="_r"><saml2:Assertion xmlns:saml2="urn:x" ID="_c0046cEXAMPLEb9d4b8e" Version="2.0">verysecret</saml2:Assertion></samlp:Response>';
    const parameters = { RoleArn: role, PrincipalArn: provider, SAMLAssertion: Buffer.from(xml).toString("base64") };
    const [record] = recordsOf(fixture("AssumeRoleWithSAML", parameters, assumed));
    expect(record?.requestParameters).toEqual({
      roleArn: role,
      principalArn: provider,
      sAMLAssertionID: "_c0046cEXAMPLEb9d4b8e",
    });
    expect(record?.resources).toEqual([
      { accountId: "123456789012", type: "AWS::IAM::Role", ARN: role },
      { accountId: "123456789012", type: "AWS::IAM::SAMLProvider", ARN: provider },
    ]);
  });

  test("an assertion that is none", () => {
    const [record] = recordsOf(
      fixture("AssumeRoleWithSAML", { RoleArn: role, SAMLAssertion: "<Assertion ".repeat(5000) }, assumed),
    );
    expect(record?.requestParameters).toEqual({ roleArn: role });
  });

  test("a code of a second factor is dropped", () => {
    const [record] = recordsOf(
      fixture("GetSessionToken", { SerialNumber: "arn:aws:iam::123456789012:mfa/a", TokenCode: "123456" }, credentials),
    );
    expect(record?.requestParameters).toEqual({ serialNumber: "arn:aws:iam::123456789012:mfa/a" });
    expect(record).not.toHaveProperty("resources");
    expect(record?.responseElements).toMatchObject({ credentials: { accessKeyId: "ASIARZPUZDIKBEXAMPLE" } });
  });
});
