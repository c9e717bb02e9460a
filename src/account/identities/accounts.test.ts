import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountOfKeyId } from "../../aws/key-id.ts";
import { AccountDirectory, principalArn } from "./account-directory.ts";
import { accountsSchema } from "./accounts.ts";

const acme = {
  id: "123456789012",
  alias: "acme",
  organization: "o-exampleorgid",
  root: { accessKeys: [{ id: "AKIARZPUZDIKGB2VALC4" }] },
  users: [
    { name: "alice", path: "/division/", accessKeys: [{ id: "AKIAALICE", secret: "alice-secret" }, { id: "alice2" }] },
    {
      name: "bob",
      id: "AIDARZPUZDIKCAEXAMPLE",
      policies: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
      console: { password: "correct horse" },
    },
  ],
  roles: [{ name: "Deployer", trust: { Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" } } }],
  services: [{ principal: "cloudformation.amazonaws.com", accessKeys: [{ id: "cfn" }] }],
};

const withStatement = (statement: unknown) => ({
  id: "123456789012",
  users: [{ name: "a", policies: [{ name: "p", document: { Statement: statement } }] }],
});

function issuesOf(input: unknown): readonly string[] {
  const parsed = accountsSchema.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

describe("the accounts of the config file", () => {
  test("get their defaults, the same ones each time", () => {
    const [account] = accountsSchema.parse([acme]);
    expect(account?.users[0]?.id).toMatch(/^AIDA[A-Z2-7]{17}$/);
    expect(accountOfKeyId(account!.users[0]!.id)).toBe("123456789012");
    expect(account?.users[1]?.id).toBe("AIDARZPUZDIKCAEXAMPLE");
    expect(account?.roles[0]).toMatchObject({
      path: "/",
      policies: [],
      trust: { Version: "2012-10-17", Statement: [{ Effect: "Allow" }] },
    });
    expect(accountOfKeyId(account!.roles[0]!.id)).toBe("123456789012");
    expect(accountsSchema.parse([acme])).toEqual([account]);
    expect(accountsSchema.parse([{ id: "000000000000" }])).toEqual([
      { id: "000000000000", root: { accessKeys: [] }, users: [], roles: [], services: [] },
    ]);
  });

  test("have unique ids that differ by account, path and name", () => {
    const name = fc.stringMatching(/^[a-z]{1,20}$/);
    const user = fc.record({ account: fc.constantFrom("111111111111", "222222222222"), path: fc.constantFrom("/", "/a/"), name });
    fc.assert(
      fc.property(user, user, (one, other) => {
        const id = (of: typeof one) =>
          accountsSchema.parse([{ id: of.account, users: [{ name: of.name, path: of.path }] }])[0]!.users[0]!.id;
        const same = one.account === other.account && one.path === other.path && one.name === other.name;
        expect(id(one) === id(other)).toBe(same);
      }),
    );
  });

  test.each([
    [
      "an access key of another account",
      [acme, { id: "210987654321", users: [{ name: "eve", accessKeys: [{ id: "AKIAALICE" }] }] }],
      '1.users.0.accessKeys.0.id: access key "AKIAALICE" is already at 0.users.0.accessKeys.0.id in accounts',
    ],
    [
      "an access key of a service",
      [acme, { id: "210987654321", services: [{ principal: "ecs.amazonaws.com", accessKeys: [{ id: "cfn" }] }] }],
      '1.services.0.accessKeys.0.id: access key "cfn" is already at 0.services.0.accessKeys.0.id in accounts',
    ],
    ["an account", [acme, { id: "123456789012" }], '1.id: account "123456789012" is already at 0.id in accounts'],
    ["an alias", [acme, { id: "210987654321", alias: "acme" }], '1.alias: alias "acme" is already at 0.alias in accounts'],
    [
      "a user but for case",
      [{ id: "123456789012", users: [{ name: "Al" }, { name: "al" }] }],
      '0.users.1.name: user "al" is already at 0.users.0.name in accounts',
    ],
    [
      "a role",
      [{ id: "123456789012", roles: [{ name: "r", path: "/a/" }, { name: "r" }] }],
      '0.roles.1.name: role "r" is already at 0.roles.0.name in accounts',
    ],
    [
      "a unique id",
      [acme, { id: "210987654321", users: [{ name: "eve", id: "AIDARZPUZDIKCAEXAMPLE" }] }],
      '1.users.0.id: unique id "AIDARZPUZDIKCAEXAMPLE" is already at 0.users.1.id in accounts',
    ],
  ])("are refused where %s stands twice", (_, input, expected) => expect(issuesOf(input)).toEqual([expected]));

  test.each([
    ["a number for an account", [{ id: 123456789012 }], "0.id: must be twelve digits, in quotes"],
    ["a misspelt member", [{ id: "123456789012", user: [] }], '0: Unrecognized key: "user"'],
    [
      "a path without slashes",
      [{ id: "123456789012", users: [{ name: "a", path: "x" }] }],
      "0.users.0.path: must begin and end with a slash: /division/team/",
    ],
    [
      "a role's id for a user",
      [{ id: "123456789012", users: [{ name: "a", id: "AROARZPUZDIKCAEXAMPLE" }] }],
      "0.users.0.id: must be a unique id that begins with AIDA",
    ],
    [
      "a slash in a key id",
      [{ id: "123456789012", root: { accessKeys: [{ id: "a/b/c" }] } }],
      "0.root.accessKeys.0.id: must be 3 to 128 characters without white space, slash, comma or equals sign",
    ],
    [
      "a managed policy that is not built in",
      [{ id: "123456789012", users: [{ name: "a", policies: ["arn:aws:iam::aws:policy/IAMFullAccess"] }] }],
      expect.stringMatching(
        /^0\.users\.0\.policies\.0: arn:aws:iam::aws:policy\/IAMFullAccess is not built in: .*ReadOnlyAccess/,
      ),
    ],
    [
      "a policy's name in place of its ARN",
      [{ id: "123456789012", users: [{ name: "a", policies: ["ReadOnlyAccess"] }] }],
      "0.users.0.policies.0: must be { name, document } or the ARN of an AWS managed policy",
    ],
    [
      "a statement about nothing",
      [withStatement({ Effect: "Allow", Action: "*" })],
      "0.users.0.policies.0.document.Statement.0: a statement has either Resource or NotResource",
    ],
    [
      "a user's policy that names a principal",
      [withStatement({ Effect: "Allow", Action: "*", Resource: "*", Principal: "*" })],
      "0.users.0.policies.0.document.Statement.0: the policies of users and roles name no principal",
    ],
    [
      "a condition that would never hold, and so take the force from a Deny",
      [withStatement({ Effect: "Deny", Action: "*", Resource: "*", Condition: { StringEqual: { "aws:username": "a" } } })],
      expect.stringContaining("is no condition operator of IAM"),
    ],
  ])("are refused for %s", (_, input, expected) => expect(issuesOf(input)).toContainEqual(expected));

  test.each([
    "StringLike",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringLikeIfExists",
    "BoolIfExists",
    "Null",
    "NotIpAddress",
  ])("may have conditions by %s", (operator) => {
    const statement = { Effect: "Deny", Action: "*", Resource: "*", Condition: { [operator]: { "aws:SourceIp": "x" } } };
    expect(issuesOf([withStatement(statement)])).toEqual([]);
  });

  test("never show a secret in what is wrong", () => {
    const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".repeat(5);
    const input = [
      { id: "123456789012", users: [{ name: "a", accessKeys: [{ id: "AKIAX", secret }], console: { password: secret } }] },
    ];
    expect(issuesOf(input)).toHaveLength(2);
    expect(JSON.stringify(accountsSchema.safeParse(input).error)).not.toContain("wJalr");
  });
});

describe("the directory", () => {
  const directory = new AccountDirectory(accountsSchema.parse([acme, { id: "210987654321", users: [{ name: "alice" }] }]));

  test("finds the owner of a key", () => {
    expect(directory.ownerOf("AKIARZPUZDIKGB2VALC4")).toMatchObject({ kind: "root", account: { id: "123456789012" } });
    expect(directory.ownerOf("AKIAALICE")).toMatchObject({
      kind: "user",
      user: { name: "alice" },
      accessKey: { secret: "alice-secret" },
    });
    expect(directory.ownerOf("cfn")).toMatchObject({ kind: "service", service: { principal: "cloudformation.amazonaws.com" } });
    expect(directory.ownerOf("constructor")).toBeUndefined();
  });

  test("tells principals of one name apart by account", () => {
    expect(principalArn("123456789012", "user", directory.user("123456789012", "alice")!)).toBe(
      "arn:aws:iam::123456789012:user/division/alice",
    );
    expect(principalArn("210987654321", "user", directory.user("210987654321", "alice")!)).toBe(
      "arn:aws:iam::210987654321:user/alice",
    );
    expect(directory.role("210987654321", "Deployer")).toBeUndefined();
    expect(directory.account("123456789012")?.organization).toBe("o-exampleorgid");
  });
});
