import { expect, test } from "vitest";
import { parsePrincipalArn } from "./principal-arn.ts";

const account = { partition: "aws", accountId: "123456789012" };

test.each([
  ["arn:aws:iam::123456789012:root", { kind: "root", ...account }],
  ["arn:aws:iam::123456789012:user/alice", { kind: "user", name: "alice", ...account }],
  ["arn:aws:iam::123456789012:user/a/b/alice@example.com", { kind: "user", name: "alice@example.com", ...account }],
  ["arn:aws:iam::123456789012:role/service-role/Deployer", { kind: "role", name: "Deployer", ...account }],
  [
    "arn:aws:sts::123456789012:assumed-role/Deployer/ci",
    { kind: "assumed-role", name: "Deployer", sessionName: "ci", ...account },
  ],
  [
    "arn:aws-cn:sts::123456789012:federated-user/bob",
    { kind: "federated-user", name: "bob", partition: "aws-cn", accountId: "123456789012" },
  ],
])("%s", (text, expected) => expect(parsePrincipalArn(text)).toEqual(expected));

test.each([
  "arn:aws:sts::123456789012:user/moto",
  "arn:aws:iam::123456789012:group/admins",
  "arn:aws:iam::123456789012:user/",
  "arn:aws:sts::123456789012:assumed-role/Deployer",
  "arn:aws:sts::123456789012:assumed-role/a/b/c",
  "arn:aws:iam:::user/alice",
  "arn:aws:iam::RGW33567154695143645:user/alice",
])("%s is no principal of an AWS account", (text) => expect(parsePrincipalArn(text)).toBeUndefined());

test("an account that AWS could not have gives way to the one that is given", () => {
  const expected = { kind: "user", name: "alice", ...account };
  expect(parsePrincipalArn("arn:aws:iam::RGW33567154695143645:user/alice", "123456789012")).toEqual(expected);
  expect(parsePrincipalArn("arn:aws:iam:::user/alice", "123456789012")).toEqual(expected);
  expect(parsePrincipalArn("arn:aws:iam::210987654321:root", "123456789012")?.accountId).toBe("210987654321");
});
