import { expect, test } from "vitest";
import { accountsSchema } from "../../account/identities/accounts.ts";
import { trusts } from "./trusts.ts";

const ROOT = "arn:aws:iam::111122223333:root";
const ALICE = "arn:aws:iam::111122223333:user/alice";
const alice = ["111122223333", ROOT, ALICE];
const allow = (Principal: unknown, more = {}) => ({ Effect: "Allow", Action: "sts:AssumeRole", Principal, ...more });

test.each<readonly [what: string, statements: unknown, names: readonly string[], trusted: boolean]>([
  ["no trust policy", undefined, alice, false],
  ["the account by number", allow({ AWS: "111122223333" }), alice, true],
  ["the account by its root", allow({ AWS: [ROOT] }), alice, true],
  ["the user", allow({ AWS: ["arn:aws:iam::1:user/x", ALICE] }), alice, true],
  ["another user", allow({ AWS: "arn:aws:iam::111122223333:user/bob" }), alice, false],
  ["another account", allow({ AWS: "444455556666" }), alice, false],
  ["everybody", allow("*"), alice, true],
  ["every principal of AWS", allow({ AWS: "*" }), alice, true],
  ["everybody, and nobody knows who it is", allow("*"), [], false],
  ["a service", allow({ Service: "ec2.amazonaws.com" }), alice, false],
  [
    "an identity provider",
    allow({ Federated: "accounts.google.com" }, { Action: "sts:AssumeRoleWithWebIdentity" }),
    ["accounts.google.com"],
    true,
  ],
  ["any action of STS", allow("*", { Action: "STS:*" }), alice, true],
  ["another action", allow("*", { Action: "sts:TagSession" }), alice, false],
  ["all but", { Effect: "Allow", Action: "sts:AssumeRole", NotPrincipal: { AWS: "444455556666" } }, alice, false],
  ["a deny besides", [allow("*"), { ...allow({ AWS: ALICE }), Effect: "Deny" }], alice, false],
  ["a deny for all but others", [allow("*"), { Effect: "Deny", Action: "*", NotPrincipal: { AWS: "4" } }], alice, false],
  ["a deny for all but this one", [allow("*"), { Effect: "Deny", Action: "*", NotPrincipal: { AWS: ALICE } }], alice, true],
])("%s", (_what, Statement, names, trusted) => {
  const role = { name: "R", ...(Statement === undefined ? {} : { trust: { Statement } }) };
  const [account] = accountsSchema.parse([{ id: "111122223333", roles: [role] }]);
  expect(trusts(account!.roles[0]!, names)).toBe(trusted);
});
