import { expect, test } from "vitest";
import { recordsOf } from "../golden.test-support.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";

const pool = "us-east-1:2dbf78b3-50b7-565c-0f56-34200aaaaaaa";
const identity = "us-east-1:1cf667a2-49a6-454b-9e45-23199aaaaaaa";
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
const logins = { "accounts.example.com": "verysecret" };

test("GetId is a write that answers, and names its pool", () => {
  const [record] = recordsOf(
    jsonExchange("cognito-identity", "GetId", { IdentityPoolId: pool, Logins: logins }, { IdentityId: identity }),
  );
  expect(record).toMatchObject({
    readOnly: false,
    managementEvent: false,
    responseElements: { identityId: identity },
    resources: [
      {
        accountId: "123456789012",
        type: "AWS::Cognito::IdentityPool",
        ARN: `arn:aws:cognito-identity:us-east-1:123456789012:identitypool/${pool}`,
      },
    ],
  });
  expect(JSON.stringify(record)).not.toContain("verysecret");
});

test("GetCredentialsForIdentity answers the key's id, and no secret", () => {
  const Credentials = { AccessKeyId: "ASIARZPUZDIKBEXAMPLE", SecretKey: "verysecret", SessionToken: "verysecret", Expiration: 1 };
  const [record] = recordsOf(
    jsonExchange(
      "cognito-identity",
      "GetCredentialsForIdentity",
      { IdentityId: identity, Logins: logins },
      { IdentityId: identity, Credentials },
    ),
  );
  expect(record?.responseElements).toEqual({
    identityId: identity,
    credentials: { accessKeyId: "ASIARZPUZDIKBEXAMPLE", sessionToken: hidden, expiration: "1970-01-01T00:00:01Z" },
  });
  expect(record).not.toHaveProperty("resources");
});

test.each([["GetOpenIdToken"], ["GetOpenIdTokenForDeveloperIdentity"]])(
  "%s answers the identity without the token",
  (operation) => {
    const [record] = recordsOf(
      jsonExchange("cognito-identity", operation, { IdentityId: identity }, { IdentityId: identity, Token: "verysecret" }),
    );
    expect(record?.responseElements).toEqual({ identityId: identity });
  },
);
