import * as fc from "fast-check";
import { expect, test } from "vitest";
import { callerFromWebIdentityToken, webIdFederationOf, webIdentityCallerOf } from "./web-identity.ts";

const roleArn = "arn:aws:iam::123456789012:role/Deployer";

function jwt(payload: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part(payload)}.c2lnbmF0dXJl`;
}

test("an OIDC provider of the account is recorded by its ARN", () => {
  const identityProvider = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC";
  const token = jwt({
    iss: "https://oidc.eks.us-west-2.amazonaws.com/id/ABC",
    aud: ["sts.amazonaws.com"],
    sub: "system:serviceaccount:default:app",
  });
  expect(callerFromWebIdentityToken(token, { roleArn })).toEqual({
    kind: "web-identity",
    principalId: `${identityProvider}:sts.amazonaws.com:system:serviceaccount:default:app`,
    userName: "system:serviceaccount:default:app",
    identityProvider,
  });
  expect(callerFromWebIdentityToken(token)?.identityProvider).toBe("oidc.eks.us-west-2.amazonaws.com/id/ABC");
});

test("a provider that STS has built in is recorded by name, with attributes in the session", () => {
  const input = {
    WebIdentityToken: jwt({ iss: "https://cognito-identity.amazonaws.com", aud: "us-east-1:pool", sub: "us-east-1:1cc5" }),
    RoleArn: roleArn,
  };
  expect(webIdentityCallerOf(input, undefined)).toMatchObject({
    principalId: "cognito-identity.amazonaws.com:us-east-1:pool:us-east-1:1cc5",
    identityProvider: "cognito-identity.amazonaws.com",
  });
  expect(webIdFederationOf(input, { Credentials: {} })).toEqual({
    federatedProvider: "cognito-identity.amazonaws.com",
    attributes: {
      "cognito-identity.amazonaws.com:aud": "us-east-1:pool",
      "cognito-identity.amazonaws.com:sub": "us-east-1:1cc5",
    },
  });
});

test("an opaque token is known by the answer, and by nothing before it", () => {
  const input = {
    WebIdentityToken: "Atza|IQEBLjAsAhRFiXuWpUXuRvQ9PZL3GMFcYevydwIUFAHZ",
    ProviderId: "www.amazon.com",
    RoleArn: roleArn,
  };
  expect(webIdentityCallerOf(input, undefined)).toBeUndefined();
  const output = {
    Provider: "www.amazon.com",
    Audience: "client.5498841531868486423.1548@apps.example.com",
    SubjectFromWebIdentityToken: "amzn1.account.AF6",
  };
  expect(webIdentityCallerOf(input, output)).toEqual({
    kind: "web-identity",
    principalId: "www.amazon.com:client.5498841531868486423.1548@apps.example.com:amzn1.account.AF6",
    userName: "amzn1.account.AF6",
    identityProvider: "www.amazon.com",
  });
});

test.each([
  ["no token", undefined],
  ["two parts", "e30.e30"],
  ["no JSON", `e30.${Buffer.from("{").toString("base64url")}.x`],
  ["an array", jwt([])],
  ["null", jwt(null)],
  ["no subject", jwt({ iss: "a" })],
  ["claims that are no text", jwt({ iss: 1, sub: {} })],
  ["claims by inheritance alone", jwt({ ["__proto__"]: { iss: "a", sub: "b" } })],
  ["a subject beyond all measure", jwt({ iss: "a", sub: "b".repeat(3000) })],
  ["more than STS takes", jwt({ iss: "a", sub: "b", pad: "c".repeat(20_000) })],
])("nobody is known by %s", (_, token) => expect(callerFromWebIdentityToken(token)).toBeUndefined());

test("no token makes it throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (token) => void callerFromWebIdentityToken(token)));
  fc.assert(fc.property(fc.json(), (payload) => void callerFromWebIdentityToken(jwt(JSON.parse(payload)))));
});
