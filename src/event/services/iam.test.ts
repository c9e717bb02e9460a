import { describe, expect, test } from "vitest";
import type { LookupResource } from "../built-event.ts";
import { createEventBuilder } from "../build-event.ts";
import { cliAgent, deployer, finishedCall, form, recordsOf, type WireFixture } from "../golden.test-support.ts";
import { expectedRecord } from "./expected-record.test-support.ts";

function fixture(
  operation: string,
  parameters: Record<string, string>,
  result?: string,
  parts: Partial<WireFixture> = {},
): WireFixture {
  const wrapped = result === undefined ? "" : `<${operation}Result>${result}</${operation}Result>`;
  return {
    service: "iam",
    operation,
    protocol: "awsQuery",
    host: "iam.amazonaws.com",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form({ Action: operation, Version: "2010-05-08", ...parameters }),
    caller: deployer,
    requestId: "aaaaaaaa-0000-4000-8000-000000000009",
    eventId: "eeeeeeee-0000-4000-8000-000000000010",
    completed: "2026-03-02T09:06:41Z",
    userAgent: cliAgent("iam.create-access-key"),
    answer: { status: 200, body: `<${operation}Response>${wrapped}</${operation}Response>` },
    ...parts,
  };
}

function lookup(exchange: WireFixture): readonly LookupResource[] | undefined {
  return createEventBuilder({ newId: () => "" }).build(finishedCall(exchange))[0]?.index.resources;
}

const accessKey = `<AccessKey><UserName>bob</UserName><AccessKeyId>AKIARZPUZDIKFEXAMPLE</AccessKeyId><Status>Active</Status>
  <SecretAccessKey>verysecret</SecretAccessKey><CreateDate>2026-03-02T09:06:41Z</CreateDate></AccessKey>`;

test("CreateAccessKey: whole record", () => {
  const [record] = recordsOf(fixture("CreateAccessKey", { UserName: "bob" }, accessKey));
  expect(record).toEqual(
    expectedRecord("deployer", "iam.amazonaws.com", {
      eventTime: "2026-03-02T09:06:41Z",
      eventSource: "iam.amazonaws.com",
      eventName: "CreateAccessKey",
      userAgent: cliAgent("iam.create-access-key"),
      requestParameters: { userName: "bob" },
      responseElements: {
        accessKey: { userName: "bob", accessKeyId: "AKIARZPUZDIKFEXAMPLE", status: "Active", createDate: "2026-03-02T09:06:41Z" },
      },
      requestID: "aaaaaaaa-0000-4000-8000-000000000009",
      eventID: "eeeeeeee-0000-4000-8000-000000000010",
      readOnly: false,
    }),
  );
});

test("void calls answer nothing and have no resources", () => {
  const [record] = recordsOf(fixture("AttachRolePolicy", { RoleName: "app", PolicyArn: "arn:aws:iam::aws:policy/X" }));
  expect(record).toMatchObject({
    requestParameters: { roleName: "app", policyArn: "arn:aws:iam::aws:policy/X" },
    responseElements: null,
  });
  expect(record).not.toHaveProperty("resources");
});

describe("passwords and keys", () => {
  test.each([
    [
      "CreateLoginProfile",
      { UserName: "bob", Password: "verysecret", PasswordResetRequired: "true" },
      { userName: "bob", passwordResetRequired: true },
    ],
    ["UpdateLoginProfile", { UserName: "bob", Password: "verysecret" }, { userName: "bob" }],
    ["ChangePassword", { OldPassword: "verysecret", NewPassword: "verysecret" }, null],
    [
      "UploadServerCertificate",
      { ServerCertificateName: "c", CertificateBody: "pem", PrivateKey: "verysecret" },
      { serverCertificateName: "c", certificateBody: "pem" },
    ],
    [
      "EnableMFADevice",
      {
        UserName: "b",
        SerialNumber: "arn:aws:iam::1:mfa/b",
        AuthenticationCode1: "verysecret",
        AuthenticationCode2: "verysecret",
      },
      { userName: "b", serialNumber: "arn:aws:iam::1:mfa/b" },
    ],
  ])("%s", (operation, parameters: Record<string, string>, shown) => {
    const [record] = recordsOf(fixture(operation, parameters));
    expect(record?.requestParameters).toEqual(shown);
    expect(JSON.stringify(record)).not.toContain("verysecret");
  });

  test("the password of a service-specific credential", () => {
    const result = `<ServiceSpecificCredential><UserName>bob</UserName><ServicePassword>verysecret</ServicePassword></ServiceSpecificCredential>`;
    const [record] = recordsOf(
      fixture("CreateServiceSpecificCredential", { UserName: "bob", ServiceName: "codecommit.amazonaws.com" }, result),
    );
    expect(record?.responseElements).toEqual({ serviceSpecificCredential: { userName: "bob" } });
  });
});

describe("policy documents", () => {
  const document = '{"Version":"2012-10-17","Statement":[]}';
  const encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";

  test.each([
    ["as IAM sends it", encoded],
    ["as others send it", document.replaceAll('"', "&quot;")],
  ])("stay percent-encoded in the answer, %s, and as sent in the request", (_, answered) => {
    const result = `<Role><RoleName>app</RoleName><AssumeRolePolicyDocument>${answered}</AssumeRolePolicyDocument></Role>`;
    const [record] = recordsOf(fixture("CreateRole", { RoleName: "app", AssumeRolePolicyDocument: document }, result));
    expect(record?.requestParameters).toEqual({ roleName: "app", assumeRolePolicyDocument: document });
    expect(record?.responseElements).toEqual({ role: { roleName: "app", assumeRolePolicyDocument: encoded } });
  });
});

describe("LookupEvents", () => {
  test("CreateRole by name, id and ARN", () => {
    const result = `<Role><Path>/</Path><RoleName>app</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>arn:aws:iam::123456789012:role/app</Arn></Role>`;
    expect(lookup(fixture("CreateRole", { RoleName: "app", AssumeRolePolicyDocument: "{}" }, result))).toEqual([
      { type: "AWS::IAM::Role", name: "app" },
      { type: "AWS::IAM::Role", name: "AROAEXAMPLE" },
      { type: "AWS::IAM::Role", name: "arn:aws:iam::123456789012:role/app" },
    ]);
  });

  test("CreateAccessKey by key and user; AttachRolePolicy by policy and role", () => {
    expect(lookup(fixture("CreateAccessKey", { UserName: "bob" }, accessKey))).toEqual([
      { type: "AWS::IAM::AccessKey", name: "AKIARZPUZDIKFEXAMPLE" },
      { type: "AWS::IAM::User", name: "bob" },
    ]);
    expect(lookup(fixture("AttachRolePolicy", { RoleName: "app", PolicyArn: "arn:aws:iam::aws:policy/X" }))).toEqual([
      { type: "AWS::IAM::Policy", name: "arn:aws:iam::aws:policy/X" },
      { type: "AWS::IAM::Role", name: "app" },
    ]);
  });

  test("nothing of reads and of creations that failed; other failures keep what they name", () => {
    const failed = {
      answer: { status: 409, body: "<ErrorResponse><Error><Code>EntityAlreadyExists</Code></Error></ErrorResponse>" },
    };
    expect(lookup(fixture("GetUser", { UserName: "bob" }, ""))).toEqual([]);
    expect(lookup(fixture("CreateUser", { UserName: "bob" }, undefined, failed))).toEqual([]);
    expect(lookup(fixture("DeleteUser", { UserName: "bob" }, undefined, failed))).toEqual([
      { type: "AWS::IAM::User", name: "bob" },
    ]);
  });
});
