import { expect, test } from "vitest";
import { recordsOf } from "../golden.test-support.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";

const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";

test.each([
  ["CreateSecret", { Name: "db", SecretString: "verysecret" }, "arn"],
  ["PutSecretValue", { SecretId: "db", SecretBinary: "dmVyeXNlY3JldA==" }, "arn"],
  ["DeleteSecret", { SecretId: "db" }, "aRN"],
])("%s: no secret, and the ARN under its own spelling", (operation, body, member) => {
  const [record] = recordsOf(jsonExchange("secrets-manager", operation, body, { ARN: arn, Name: "db" }));
  expect(record?.responseElements).toEqual({ [member]: arn, name: "db" });
  expect(record).not.toHaveProperty("resources");
  expect(JSON.stringify(record)).not.toMatch(/verysecret|dmVyeX/);
});
