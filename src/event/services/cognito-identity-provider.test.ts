import { expect, test } from "vitest";
import { recordsOf } from "../golden.test-support.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";

const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

test("InitiateAuth shows its client and none of its secrets", () => {
  const [record] = recordsOf(
    jsonExchange(
      "cognito-identity-provider",
      "InitiateAuth",
      { AuthFlow: "USER_PASSWORD_AUTH", ClientId: "1example23456789", AuthParameters: { USERNAME: "u", PASSWORD: "verysecret" } },
      { AuthenticationResult: { AccessToken: "verysecret", RefreshToken: "verysecret", IdToken: "verysecret", ExpiresIn: 3600 } },
    ),
  );
  expect(record?.requestParameters).toEqual({
    authFlow: "USER_PASSWORD_AUTH",
    clientId: "1example23456789",
    authParameters: hidden,
  });
  expect(record?.responseElements).toMatchObject({ authenticationResult: { expiresIn: 3600, accessToken: hidden } });
  expect(JSON.stringify(record)).not.toContain("verysecret");
});

test("SignUp names the new user by `sub` alone", () => {
  const [record] = recordsOf(
    jsonExchange(
      "cognito-identity-provider",
      "SignUp",
      {
        ClientId: "c",
        Username: "verysecret",
        Password: "verysecret",
        SecretHash: "verysecret",
        UserAttributes: [{ Name: "email", Value: "verysecret" }],
      },
      { UserConfirmed: false, UserSub: "5c9a-sub" },
    ),
  );
  expect(record).toMatchObject({
    requestParameters: { clientId: "c", username: hidden, password: hidden, secretHash: hidden, userAttributes: hidden },
    additionalEventData: { sub: "5c9a-sub" },
  });
  expect(JSON.stringify(record)).not.toContain("verysecret");
});

test("CreateUserPoolClient shows the id, not the secret", () => {
  const client = { ClientId: "c1", ClientName: "web", ClientSecret: "verysecret" };
  const [record] = recordsOf(
    jsonExchange(
      "cognito-identity-provider",
      "CreateUserPoolClient",
      { UserPoolId: "p", ClientName: "web" },
      { UserPoolClient: client },
    ),
  );
  expect(record?.responseElements).toEqual({ userPoolClient: { clientId: "c1", clientName: "web", clientSecret: hidden } });
});
