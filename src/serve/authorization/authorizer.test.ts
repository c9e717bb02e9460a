import * as fc from "fast-check";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { AccountDirectory } from "../../account/identities/account-directory.ts";
import { accountsSchema } from "../../account/identities/accounts.ts";
import type { CallContext } from "../../aws/endpoint.ts";
import type { Principal, PrincipalSession } from "../../aws/principal.ts";
import { AwsError } from "../../aws/aws-error.ts";
import type { Access } from "./access.ts";
import { Authorizer } from "./authorizer.ts";
import { createIamSimulateEvaluator } from "./drivers/iam-simulate/iam-simulate-evaluator.ts";

const ACCOUNT = "111122223333";
const TRAIL = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/my`;
const NOW = Date.UTC(2026, 2, 10, 12);

type Statement = Readonly<Record<string, unknown>>;
const allow = (Action: unknown = "*", more: Statement = {}): Statement => ({ Effect: "Allow", Action, Resource: "*", ...more });
const deny = (Action: unknown = "*", more: Statement = {}): Statement => ({ Effect: "Deny", Action, Resource: "*", ...more });
const when = (operator: string, key: string, value: unknown): Statement => ({ Condition: { [operator]: { [key]: value } } });

function authorizerFor(policies: readonly unknown[]): Authorizer {
  const accounts = new AccountDirectory(
    accountsSchema.parse([
      {
        id: ACCOUNT,
        organization: "o-exampleorgid",
        users: [{ name: "x", path: "/team/", policies }, { name: "nobody" }],
        roles: [
          {
            name: "R",
            path: "/team/",
            policies,
            trust: { Statement: { Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" } },
          },
        ],
      },
    ]),
  );
  return new Authorizer({
    accounts,
    evaluator: createIamSimulateEvaluator(pino({ level: "silent" })),
    clock: { now: () => NOW },
  });
}

const inline = (...statements: readonly Statement[]): readonly unknown[] => [
  { name: "inline", document: { Version: "2012-10-17", Statement: statements } },
];

const user: Principal = { kind: "user", accountId: ACCOUNT, name: "x", arn: `arn:aws:iam::${ACCOUNT}:user/team/x` };
const session = (facts: PrincipalSession = {}): Principal => ({
  kind: "role",
  accountId: ACCOUNT,
  name: "R",
  arn: `arn:aws:iam::${ACCOUNT}:role/team/R`,
  session: { assumedBy: [ACCOUNT], ...facts },
});
const federated = (facts: PrincipalSession = {}, issuer: Principal = user): Principal => ({
  kind: "federated-user",
  accountId: ACCOUNT,
  issuer: issuer as Extract<Principal, { kind: "user" }>,
  session: facts,
});
const root = (facts?: PrincipalSession): Principal => ({
  kind: "root",
  accountId: ACCOUNT,
  ...(facts === undefined ? {} : { session: facts }),
});

const ARNS: Readonly<Record<Principal["kind"], string>> = {
  root: `arn:aws:iam::${ACCOUNT}:root`,
  user: `arn:aws:iam::${ACCOUNT}:user/team/x`,
  role: `arn:aws:sts::${ACCOUNT}:assumed-role/R/s`,
  "federated-user": `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
};

const lookup: Access = { action: "cloudtrail:LookupEvents", resources: [] };
const getTrail = (tags: Readonly<Record<string, string>> = {}): Access => ({
  action: "cloudtrail:GetTrail",
  resources: [{ arn: TRAIL, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) }],
});

/** What the caller is told; "" when it is let through. */
async function asked(
  policies: readonly unknown[],
  access: Access,
  principal: Principal | undefined = user,
  more: Partial<CallContext> = {},
  headers: readonly string[] = [],
): Promise<string> {
  const context: CallContext = {
    operation: undefined,
    serviceId: "cloudtrail",
    operationName: "",
    region: "us-east-1",
    accountId: ACCOUNT,
    accessKeyId: "AKIAEXAMPLE",
    callerArn: principal && ARNS[principal.kind],
    callerId: "AIDAEXAMPLE",
    sourceIp: "192.0.2.7",
    scheme: "https",
    requestId: "r",
    ...(principal === undefined ? {} : { principal }),
    ...more,
  };
  try {
    await authorizerFor(policies).permit(access, { headers, context });
    return "";
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    expect([error.code, error.status]).toEqual(["AccessDeniedException", 400]);
    return error.message;
  }
}

const NOBODY_ALLOWS = "because no identity-based policy allows the cloudtrail:";

describe("what AWS says", () => {
  const x = `User: arn:aws:iam::${ACCOUNT}:user/team/x is not authorized to perform:`;
  test.each<readonly [what: string, policies: readonly unknown[], access: Access, principal: Principal, sentence: string]>([
    [
      "nothing allows",
      [],
      lookup,
      user,
      `${x} cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action`,
    ],
    [
      "nothing allows on a resource",
      inline(allow("cloudtrail:*", { Resource: `${TRAIL}2` })),
      getTrail(),
      user,
      `${x} cloudtrail:GetTrail on resource: ${TRAIL} because no identity-based policy allows the cloudtrail:GetTrail action`,
    ],
    [
      "an explicit deny",
      inline(allow(), deny("cloudtrail:Lookup*")),
      lookup,
      user,
      `${x} cloudtrail:LookupEvents with an explicit deny in an identity-based policy`,
    ],
    [
      "an explicit deny on a resource",
      inline(allow(), deny("cloudtrail:GetTrail")),
      getTrail(),
      user,
      `${x} cloudtrail:GetTrail on resource: ${TRAIL} with an explicit deny in an identity-based policy`,
    ],
    [
      "a session policy that does not allow",
      inline(allow()),
      lookup,
      session({ policies: ['{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'] }),
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/R/s is not authorized to perform: cloudtrail:LookupEvents because no session policy allows the cloudtrail:LookupEvents action`,
    ],
    [
      "a session policy that denies",
      inline(allow()),
      lookup,
      session({ policies: ['{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'] }),
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/R/s is not authorized to perform: cloudtrail:LookupEvents with an explicit deny in a session policy`,
    ],
  ])("%s", async (_what, policies, access, principal, sentence) => {
    expect(await asked(policies, access, principal)).toBe(sentence);
  });

  test("a caller that nobody knows may do nothing", async () => {
    const message = await asked(inline(allow()), lookup, undefined, { callerArn: undefined });
    expect(message).toBe(
      "User: anonymous is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action",
    );
  });
});

describe("managed policies", () => {
  const managed = (name: string) => [`arn:aws:iam::aws:policy/${name}`];
  const at = (action: string): Access => ({ action: `cloudtrail:${action}`, resources: [{ arn: TRAIL, tags: [] }] });
  test.each<readonly [name: string, lookup: boolean, get: boolean, create: boolean]>([
    ["AdministratorAccess", true, true, true],
    ["PowerUserAccess", true, true, true],
    ["AWSCloudTrail_FullAccess", true, true, true],
    ["AWSCloudTrail_ReadOnlyAccess", true, true, false],
    ["ReadOnlyAccess", true, true, false],
    ["SecurityAudit", true, true, false],
    ["job-function/ViewOnlyAccess", true, false, false],
    ["job-function/SupportUser", true, false, false],
    ["job-function/SystemAdministrator", true, false, false],
  ])("%s", async (name, looks, gets, creates) => {
    const policies = managed(name);
    const allowed = await Promise.all(
      [lookup, at("GetTrail"), at("CreateTrail")].map(async (one) => (await asked(policies, one)) === ""),
    );
    expect(allowed).toEqual([looks, gets, creates]);
  });

  test("one that is not built in is a mistake in the config, with what there is", () => {
    expect(() => authorizerFor(managed("AmazonS3FullAccess"))).toThrow(
      /AmazonS3FullAccess is not built in.*AWSCloudTrail_ReadOnlyAccess.*\{ name, document \}/,
    );
  });
});

describe("conditions", () => {
  test.each<readonly [operator: string, key: string, right: unknown, wrong: unknown]>([
    ["StringEquals", "aws:RequestedRegion", "us-east-1", "eu-west-1"],
    ["StringEquals", "aws:username", "x", "y"],
    ["StringEquals", "aws:userid", "AIDAEXAMPLE", "AIDAOTHER"],
    ["ArnLike", "aws:PrincipalArn", `arn:aws:iam::*:user/team/*`, "arn:aws:iam::*:user/other/*"],
    ["StringEquals", "aws:PrincipalAccount", ACCOUNT, "444455556666"],
    ["StringEquals", "aws:PrincipalType", "User", "AssumedRole"],
    ["StringEquals", "aws:PrincipalOrgID", "o-exampleorgid", "o-other"],
    ["IpAddress", "aws:SourceIp", ["198.51.100.0/24", "192.0.2.0/24"], "198.51.100.0/24"],
    ["NotIpAddress", "aws:SourceIp", "198.51.100.0/24", "192.0.2.7/32"],
    ["Bool", "aws:SecureTransport", "true", "false"],
    ["Bool", "aws:ViaAWSService", "false", "true"],
    ["StringLike", "aws:UserAgent", "aws-cli/*", "Boto3/*"],
    ["DateLessThan", "aws:CurrentTime", "2026-03-10T12:00:01Z", "2026-03-10T11:59:59Z"],
    ["NumericGreaterThan", "aws:EpochTime", "1700000000", "1900000000"],
    ["Null", "aws:MultiFactorAuthAge", "true", "false"],
    ["BoolIfExists", "aws:MultiFactorAuthPresent", "true", undefined],
    ["StringEquals", "aws:ResourceTag/team", "red", "blue"],
  ])("%s %s", async (operator, key, right, wrong) => {
    const ask = (value: unknown) =>
      asked(inline(allow("cloudtrail:GetTrail", when(operator, key, value))), getTrail({ team: "red" }), user, {}, [
        "User-Agent",
        "aws-cli/2.9",
      ]);
    expect(await ask(right)).toBe("");
    if (wrong !== undefined) expect(await ask(wrong)).toContain(NOBODY_ALLOWS);
  });

  const create = (tags: Readonly<Record<string, string>>): Access => ({
    action: "cloudtrail:CreateTrail",
    resources: [{ arn: TRAIL, tags: [] }],
    requestTags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  test("tags of the request", async () => {
    const must = inline(allow("*", when("StringEquals", "aws:RequestTag/team", "red")));
    expect(await asked(must, create({ team: "red" }))).toBe("");
    expect(await asked(must, create({ team: "blue" }))).toContain(NOBODY_ALLOWS);
    expect(await asked(must, create({}))).toContain(NOBODY_ALLOWS);
    const only = inline(allow("*", when("ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost"])));
    expect(await asked(only, create({ team: "a", cost: "b" }))).toBe("");
    expect(await asked(only, create({ team: "a", other: "b" }))).toContain(NOBODY_ALLOWS);
  });

  test("a session's", async () => {
    const facts = { issuedAt: "2026-03-10T11:00:00Z", mfaAuthenticated: true, sourceIdentity: "alice" };
    const ask = (condition: Statement) => asked(inline(allow("*", condition)), lookup, session(facts));
    expect(await ask(when("Bool", "aws:MultiFactorAuthPresent", "true"))).toBe("");
    expect(await ask(when("NumericLessThanEquals", "aws:MultiFactorAuthAge", "3600"))).toBe("");
    expect(await ask(when("NumericLessThan", "aws:MultiFactorAuthAge", "3600"))).toContain(NOBODY_ALLOWS);
    expect(await ask(when("StringEquals", "aws:SourceIdentity", "alice"))).toBe("");
    expect(await ask(when("DateGreaterThan", "aws:TokenIssueTime", "2026-03-10T10:00:00Z"))).toBe("");
    expect(await ask(when("ArnEquals", "aws:PrincipalArn", `arn:aws:iam::${ACCOUNT}:role/team/R`))).toBe("");
  });

  test("a variable in a resource", async () => {
    const own = inline(allow("*", { Resource: "arn:aws:cloudtrail:*:*:trail/${aws:username}" }));
    const named = (name: string): Access => ({
      action: "cloudtrail:GetTrail",
      resources: [{ arn: TRAIL.replace("/my", `/${name}`), tags: [] }],
    });
    expect(await asked(own, named("xyz"))).toContain(NOBODY_ALLOWS);
    // Shorter than a trail's name may be, which is no concern of policies.
    expect(await asked(own, named("x"))).toBe("");
  });
});

describe("principals", () => {
  const everything = inline(allow());
  const all = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
  test.each<readonly [what: string, principal: Principal, allowed: boolean]>([
    ["root", root(), true],
    ["root with temporary credentials", root({}), true],
    ["root by AssumeRoot", root({ assumedRoot: true }), false],
    ["a user", user, true],
    ["a user with temporary credentials", { ...user, session: {} } as Principal, true],
    ["a user without policies", { ...user, name: "nobody" } as Principal, false],
    ["a user that the config does not name", { ...user, name: "ghost" } as Principal, false],
    ["the user of that name of another account", { ...user, accountId: "444455556666" } as Principal, false],
    ["a role that the config does not name", { ...session(), name: "ghost" } as Principal, false],
    ["a session that nobody knows who began", session({ assumedBy: [] }), false],
    ["a session that another account began", session({ assumedBy: ["444455556666", "arn:aws:iam::444455556666:root"] }), false],
    ["a session with a policy that allows", session({ policies: [all] }), true],
    ["a session with a managed policy that allows", session({ policies: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }), true],
    ["a session with a managed policy that nobody knows", session({ policies: ["arn:aws:iam::aws:policy/Other"] }), false],
    ["a session with a policy that was too long to be kept", session({ policies: [""] }), false],
    ["a session with a policy that cannot be read", session({ policies: ["{"] }), false],
    ["a session with two policies, one of which allows", session({ policies: ["arn:aws:iam::aws:policy/Other", all] }), true],
    ["a federated user without a session policy", federated(), false],
    ["a federated user with a session policy", federated({ policies: [all] }), true],
    ["a federated user of root", federated({ policies: [all] }, root()), true],
    [
      "a federated user of a user who may nothing",
      federated({ policies: [all] }, { ...user, name: "nobody" } as Principal),
      false,
    ],
  ])("%s", async (_what, principal, allowed) => {
    expect((await asked(everything, lookup, principal)) === "").toBe(allowed);
  });
});

describe("a session policy made to take long", () => {
  const agent = ["User-Agent", "a".repeat(3000)];
  test.each<readonly [what: string, statement: Statement]>([
    ["wildcards in a condition", allow("*", when("StringLike", "aws:UserAgent", "*a*a*a*b"))],
    ["wildcards in a resource", allow("*", { Resource: `arn:aws:cloudtrail:*:*:trail/${"*a".repeat(40)}*b` })],
    ["single wildcards", allow("*", when("StringLike", "aws:UserAgent", "*?*?*?*?*b"))],
    ["an action that is an expression", allow("cloudtrail:(([A-Za-z]+)+)+!")],
    ["a resource that is one", allow("*", { Resource: "arn:((a+)+)+!:cloudtrail:us-east-1:1:x" })],
  ])("%s: is denied soon", async (_what, statement) => {
    const principal = session({ policies: [JSON.stringify({ Version: "2012-10-17", Statement: [statement] })] });
    const access: Access = {
      action: "cloudtrail:GetTrail",
      resources: [{ arn: TRAIL.replace("/my", `/${"a".repeat(128)}`), tags: [] }],
    };
    const before = performance.now();
    expect(await asked(inline(allow()), access, principal, {}, agent)).not.toBe("");
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test("what people write is not", async () => {
    const policies = inline(
      allow("cloudtrail:*Trail*", {
        Resource: ["arn:aws:cloudtrail:*:*:trail/team-*-prod-*", "arn:aws:cloudtrail:*:*:trail/*"],
        ...when("StringLike", "aws:UserAgent", ["*Mozilla*Chrome*", "*aws-cli*"]),
      }),
    );
    const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    expect(await asked(policies, getTrail(), user, {}, ["User-Agent", browser])).toBe("");
  });
});

test("hostile texts in a request are denied or allowed, never an error of ours", async () => {
  const text = fc.string({ maxLength: 30, unit: "grapheme" });
  await fc.assert(
    fc.asyncProperty(text, text, text, text, async (agent, sourceIp, key, value) => {
      const policies = inline(
        allow(),
        deny("*", { Condition: { StringLike: { "aws:UserAgent": "never" }, IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }),
      );
      const message = await asked(policies, getTrail({ [key]: value }), user, { sourceIp, callerId: value }, [
        "User-Agent",
        agent,
      ]);
      expect(message).toBe("");
    }),
    { numRuns: 60 },
  );
});
