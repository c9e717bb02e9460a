import { expect, test } from "vitest";
import { organizationSchema } from "./organization-schema.ts";

const plain = { id: "o-exampleorgid", managementAccount: "111122223333" };

test("accounts are ids, or more than that", () => {
  const members = ["222233334444", { id: "333344445555", name: "Audit", email: "audit@example.org" }];
  expect(organizationSchema.parse({ ...plain, members })).toEqual({
    id: "o-exampleorgid",
    managementAccount: { id: "111122223333", name: "account-111122223333", email: "111122223333@example.com" },
    members: [
      { id: "222233334444", name: "account-222233334444", email: "222233334444@example.com" },
      { id: "333344445555", name: "Audit", email: "audit@example.org" },
    ],
    delegatedAdministrators: [],
    allFeatures: true,
    trustedAccess: true,
  });
});

test.each([
  [{ id: "exampleorgid" }, "must be an organization id"],
  [{ managementAccount: 111_122_223_333 }, "twelve digits"],
  [{ members: ["12"] }, "twelve digits"],
  [{ members: ["111122223333"] }, "account 111122223333 is in it already"],
  [{ members: ["222233334444", { id: "222233334444" }] }, "account 222233334444 is in it already"],
  [{ delegatedAdministrators: ["222233334444"] }, "is not one of members"],
  [{ delegatedAdministrators: ["111122223333"] }, "is not one of members"],
  [{ members: ["222233334444"], delegatedAdministrators: ["222233334444", "222233334444"] }, "stands there twice"],
  [{ members: [{ id: "222233334444", email: "x" }] }, "email"],
  [{ other: 1 }, "other"],
])("refuses %j", (settings, message) => {
  const parsed = organizationSchema.safeParse({ ...plain, ...settings });
  expect(JSON.stringify(parsed.error?.issues)).toContain(message);
});
