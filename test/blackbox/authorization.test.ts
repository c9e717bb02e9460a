import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  CloudTrailClient,
  CloudTrailServiceException,
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListTrailsCommand,
  LookupEventsCommand,
} from "@aws-sdk/client-cloudtrail";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";
import { run } from "../support/peers.ts";
import { send } from "../support/raw-call.ts";
import { type Backend, startBackend } from "../support/recorded-backend.ts";
import { expectRecord } from "../support/record-shape.ts";

const A = "111122223333";
const B = "444455556666";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const PROJECT = resolve(import.meta.dirname, "../..");

const key = (id: string): string => `accessKeys: [{ id: ${id}, secret: ${SECRET} }]`;
const CONFIG = `
auth: { mode: verify }
accounts:
  - id: "${A}"
    root: { ${key("AKIAROOTOFA000000000")} }
    users:
      - { name: admin, ${key("AKIAADMINOFA00000000")}, policies: ["arn:aws:iam::aws:policy/AdministratorAccess"] }
      - { name: auditor, path: /audit/, ${key("AKIAAUDITOROFA000000")}, policies: ["arn:aws:iam::aws:policy/AWSCloudTrail_ReadOnlyAccess"] }
      - { name: nobody, ${key("AKIANOBODYOFA0000000")} }
      - name: narrow
        ${key("AKIANARROWOFA0000000")}
        policies:
          - name: one-trail
            document:
              Version: "2012-10-17"
              Statement:
                - { Effect: Allow, Action: "cloudtrail:*", Resource: "arn:aws:cloudtrail:*:${A}:trail/red-*" }
                - { Effect: Allow, Action: "cloudtrail:LookupEvents", Resource: "*", Condition: { StringEquals: { "aws:RequestedRegion": eu-west-1 } } }
                - { Effect: Deny, Action: "cloudtrail:DeleteTrail", Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/keep": "yes" } } }
    roles:
      - name: Reader
        policies: ["arn:aws:iam::aws:policy/AWSCloudTrail_FullAccess"]
        trust: { Statement: { Effect: Allow, Principal: { AWS: "${A}" }, Action: "sts:AssumeRole" } }
  - id: "${B}"
    users:
      - { name: admin, ${key("AKIAADMINOFB00000000")}, policies: ["arn:aws:iam::aws:policy/AdministratorAccess"] }
`;

/** Gives every role to everybody, as emulators do. */
function sts(body: string): string {
  const form = new URLSearchParams(body);
  const [, , , , account = "", role = ""] = (form.get("RoleArn") ?? "").split(":");
  const session = form.get("RoleSessionName") ?? "";
  const name = role.split("/").at(-1) ?? "";
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA${session.toUpperCase().padEnd(16, "0")}</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey><SessionToken>token-of-${session}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROAREADER0000000000:${session}</AssumedRoleId><Arn>arn:aws:sts::${account}:assumed-role/${name}/${session}</Arn></AssumedRoleUser></AssumeRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>`;
}

const clients: { destroy(): void }[] = [];
afterAll(() => {
  for (const client of clients) client.destroy();
});

interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
}

function clientOf(url: string, who: string | Session, region = "us-east-1"): CloudTrailClient {
  const credentials = { secretAccessKey: SECRET, ...(typeof who === "string" ? { accessKeyId: who } : who) };
  const client = new CloudTrailClient({ endpoint: url, region, credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
}

/** What a client is told; "" where the call succeeds. */
async function told(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "";
  } catch (error) {
    if (!(error instanceof CloudTrailServiceException)) throw error;
    return `${error.$metadata.httpStatusCode} ${error.name}: ${error.message}`;
  }
}

const trailArn = (account: string, name: string): string => `arn:aws:cloudtrail:us-east-1:${account}:trail/${name}`;

describe("where callers are verified", () => {
  let backend: Backend;
  let trail: OpenTrailProcess;
  const directory = mkdtempSync(join(tmpdir(), "opentrail-config-"));
  const config = join(directory, "opentrail.yaml");
  const as = (who: string | Session, region?: string): CloudTrailClient => clientOf(trail.url, who, region);
  const [adminA, adminB] = ["AKIAADMINOFA00000000", "AKIAADMINOFB00000000"];
  const auditor = "AKIAAUDITOROFA000000";
  const nobody = "AKIANOBODYOFA0000000";
  const narrow = "AKIANARROWOFA0000000";

  beforeAll(async () => {
    writeFileSync(config, CONFIG);
    backend = await startBackend((_request, body) => ({ headers: { "content-type": "text/xml" }, body: sts(body.toString()) }));
    trail = await startOpenTrail({ flags: ["--config", config, "--upstream", backend.url] });
    for (const [who, name] of [
      [adminA, "red-1"],
      [adminA, "alpha"],
      [adminB, "beta"],
    ] as const)
      await as(who).send(new CreateTrailCommand({ Name: name, S3BucketName: `bucket-of-${name}` }));
    const TagsList = [{ Key: "keep", Value: "yes" }];
    await as(adminA).send(new CreateTrailCommand({ Name: "red-kept", S3BucketName: "bucket-of-red", TagsList }));
    await as(adminB, "eu-west-1").send(new ListTrailsCommand({}));
    await as(adminA, "eu-west-1").send(new ListTrailsCommand({}));
    await trail.untilEvents({ eventName: "CreateTrail" }, 4);
    await trail.untilEvents({ eventName: "ListTrails" }, 2);
  });
  afterAll(async () => {
    await trail?.remove();
    await backend?.close();
    rmSync(directory, { recursive: true });
  });

  const x = `User: arn:aws:iam::${A}:user`;
  test.each<readonly [what: string, call: () => Promise<unknown>, answer: string]>([
    [
      "a user without policies looks events up",
      () => as(nobody).send(new LookupEventsCommand({})),
      `400 AccessDeniedException: ${x}/nobody is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action`,
    ],
    [
      "a user without policies describes trails",
      () => as(nobody).send(new DescribeTrailsCommand({})),
      `400 AccessDeniedException: ${x}/nobody is not authorized to perform: cloudtrail:DescribeTrails because no identity-based policy allows the cloudtrail:DescribeTrails action`,
    ],
    ["an auditor describes trails", () => as(auditor).send(new DescribeTrailsCommand({})), ""],
    [
      "an auditor makes a trail",
      () => as(auditor).send(new CreateTrailCommand({ Name: "mine", S3BucketName: "bucket" })),
      `400 AccessDeniedException: ${x}/audit/auditor is not authorized to perform: cloudtrail:CreateTrail on resource: ${trailArn(A, "mine")} because no identity-based policy allows the cloudtrail:CreateTrail action`,
    ],
    ["a trail that the policy names", () => as(narrow).send(new GetTrailCommand({ Name: "red-1" })), ""],
    [
      "a trail that the policy names, by ARN",
      () => as(narrow).send(new GetTrailStatusCommand({ Name: trailArn(A, "red-1") })),
      "",
    ],
    [
      "a trail that it does not name",
      () => as(narrow).send(new GetTrailCommand({ Name: "alpha" })),
      `400 AccessDeniedException: ${x}/narrow is not authorized to perform: cloudtrail:GetTrail on resource: ${trailArn(A, "alpha")} because no identity-based policy allows the cloudtrail:GetTrail action`,
    ],
    [
      "a trail that it does not name and that is not there either",
      () => as(narrow).send(new GetTrailCommand({ Name: "ghost" })),
      `400 AccessDeniedException: ${x}/narrow is not authorized to perform: cloudtrail:GetTrail on resource: ${trailArn(A, "ghost")} because no identity-based policy allows the cloudtrail:GetTrail action`,
    ],
    [
      "an explicit deny by the trail's tag",
      () => as(narrow).send(new DeleteTrailCommand({ Name: "red-kept" })),
      `400 AccessDeniedException: ${x}/narrow is not authorized to perform: cloudtrail:DeleteTrail on resource: ${trailArn(A, "red-kept")} with an explicit deny in an identity-based policy`,
    ],
    ["a Region that the policy allows", () => as(narrow, "eu-west-1").send(new LookupEventsCommand({})), ""],
    [
      "a Region that it does not",
      () => as(narrow).send(new LookupEventsCommand({})),
      `400 AccessDeniedException: ${x}/narrow is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action`,
    ],
    ["root, who needs no policy", () => as("AKIAROOTOFA000000000").send(new LookupEventsCommand({})), ""],
  ])("%s", async (_what, call, answer) => expect(await told(call())).toBe(answer));

  test("a refusal is on record, as AWS records it", async () => {
    await told(as(nobody).send(new GetTrailCommand({ Name: "alpha" })));
    const [record] = await trail.untilEvents({ eventName: "GetTrail", username: "nobody" });
    expectRecord(record!);
    expect(record).toMatchObject({
      eventSource: "cloudtrail.amazonaws.com",
      errorCode: "AccessDenied",
      errorMessage: `${x}/nobody is not authorized to perform: cloudtrail:GetTrail on resource: ${trailArn(A, "alpha")} because no identity-based policy allows the cloudtrail:GetTrail action`,
      requestParameters: null,
      responseElements: null,
      userIdentity: { type: "IAMUser", arn: `arn:aws:iam::${A}:user/nobody`, accountId: A },
      recipientAccountId: A,
    });
  });

  test("a wrong secret is no caller at all", async () => {
    expect(await told(as({ accessKeyId: adminA, secretAccessKey: "wrong" }).send(new ListTrailsCommand({})))).toMatch(
      /^403 InvalidSignatureException|^400 InvalidSignatureException/,
    );
  });

  async function assume(who: string, account: string, session: string, Policy?: string): Promise<Session> {
    const client = new STSClient({
      endpoint: trail.url,
      region: "us-east-1",
      credentials: { accessKeyId: who, secretAccessKey: SECRET },
      maxAttempts: 1,
    });
    clients.push(client);
    const RoleArn = `arn:aws:iam::${account}:role/Reader`;
    const { Credentials } = await client.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: session, ...(Policy && { Policy }) }),
    );
    return {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
  }

  test("a role's session has the role's policies", async () => {
    const session = await assume(adminA, A, "free");
    expect(await told(as(session).send(new LookupEventsCommand({})))).toBe("");
  });

  test("no more than its session policy allows", async () => {
    const Statement = { Effect: "Allow", Action: "cloudtrail:DescribeTrails", Resource: "*" };
    const session = await assume(adminA, A, "bound", JSON.stringify({ Version: "2012-10-17", Statement }));
    expect(await told(as(session).send(new DescribeTrailsCommand({})))).toBe("");
    expect(await told(as(session).send(new LookupEventsCommand({})))).toBe(
      `400 AccessDeniedException: User: arn:aws:sts::${A}:assumed-role/Reader/bound is not authorized to perform: cloudtrail:LookupEvents because no session policy allows the cloudtrail:LookupEvents action`,
    );
  });

  test("and nothing where its trust policy does not name who began it, whatever the backend gives away", async () => {
    const session = await assume(adminB, A, "thief");
    expect(await told(as(session).send(new LookupEventsCommand({})))).toContain("AccessDeniedException");
  });

  describe("an account", () => {
    const strangers = [trailArn(B, "beta"), trailArn(B, "ghost"), "beta", "ghost"];

    test.each(strangers)("is told of %s what it is told of a trail that is nowhere", async (name) => {
      for (const command of [GetTrailCommand, GetTrailStatusCommand, DeleteTrailCommand]) {
        const answer = await told(as(adminA).send(new command({ Name: name })));
        const other = name.replace("beta", "ghost");
        const nowhere = await told(as(adminA).send(new command({ Name: other })));
        expect(answer).toMatch(/^40\d TrailNotFoundException/);
        expect(answer.replaceAll(name, "NAME")).toBe(nowhere.replaceAll(other, "NAME"));
      }
    });

    test("lists and describes its own trails alone", async () => {
      const { Trails } = await as(adminA).send(new ListTrailsCommand({}));
      expect(Trails?.map(({ Name }) => Name)).toEqual(["alpha", "red-1", "red-kept"]);
      const { trailList } = await as(adminA).send(new DescribeTrailsCommand({ trailNameList: [...strangers, "alpha"] }));
      expect(trailList?.map(({ Name }) => Name)).toEqual(["alpha"]);
    });

    test.each([
      [adminA, A, B],
      [adminB, B, A],
    ])("finds its own events alone, by whatever it looks for: %s", async (who, own, other) => {
      const client = as(who);
      const found: string[] = [];
      const attributes = [
        undefined,
        { AttributeKey: "EventName", AttributeValue: "CreateTrail" },
        { AttributeKey: "Username", AttributeValue: "admin" },
        { AttributeKey: "AccessKeyId", AttributeValue: other === A ? adminA : adminB },
        { AttributeKey: "ResourceName", AttributeValue: trailArn(other, other === A ? "alpha" : "beta") },
        { AttributeKey: "ResourceName", AttributeValue: other === A ? "alpha" : "beta" },
      ] as const;
      const [theirs] = await trail.events({ account: other, eventName: "CreateTrail" });
      expect(theirs).toBeDefined();
      for (const one of [...attributes, { AttributeKey: "EventId", AttributeValue: String(theirs?.["eventID"]) } as const]) {
        const { Events = [] } = await client.send(new LookupEventsCommand(one === undefined ? {} : { LookupAttributes: [one] }));
        found.push(...Events.map(({ CloudTrailEvent }) => CloudTrailEvent ?? ""));
      }
      expect(found.length).toBeGreaterThan(2);
      const accounts = new Set(found.map((text) => (JSON.parse(text) as CloudTrailRecord)["recipientAccountId"]));
      expect([...accounts]).toEqual([own]);
    });
  });

  describe("own paths", () => {
    const token = (): string => readFileSync(join(trail.dataDir, "operator.token"), "utf8").trim();
    const bearer = (text: string): RequestInit => ({ headers: { authorization: `Bearer ${text}` } });
    const statusOf = async (path: string, init?: RequestInit): Promise<number> => {
      const response = await fetch(`${trail.url}/_opentrail/${path}`, { ...init, signal: AbortSignal.timeout(20_000) });
      await response.body?.cancel();
      return response.status;
    };

    test.each([
      ["health", 200, 200, 200],
      ["", 200, 200, 200],
      ["status", 401, 401, 200],
      ["metrics", 401, 401, 200],
      ["events", 403, 401, 200],
      ["tail", 403, 401, 200],
    ])("%s: to anybody %i, with a wrong token %i, to the operator %i", async (path, anybody, wrong, operator) => {
      expect(await statusOf(path)).toBe(anybody);
      expect(await statusOf(path, bearer("x".repeat(43)))).toBe(wrong);
      expect(await statusOf(path, bearer(token()))).toBe(operator);
    });

    test("the token's file is for its owner alone", async () => {
      const { statSync } = await import("node:fs");
      expect(statSync(join(trail.dataDir, "operator.token")).mode & 0o777).toBe(0o600);
    });

    /** The client commands, with keys as the AWS CLI takes them. */
    const opentrail = async (
      who: string | undefined,
      arguments_: readonly string[],
      environment: Readonly<Record<string, string>> = {},
    ) =>
      await run(process.execPath, [join(PROJECT, "bin/opentrail.js"), ...arguments_, "--endpoint", trail.url], {
        AWS_CONFIG_FILE: "/dev/null",
        AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
        ...(who === undefined ? {} : { AWS_ACCESS_KEY_ID: who, AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: "us-east-1" }),
        ...environment,
      });
    const accountsIn = (stdout: string): readonly string[] => [
      ...new Set(
        stdout
          .trim()
          .split("\n")
          .filter(Boolean)
          .map((line) => (JSON.parse(line) as CloudTrailRecord)["recipientAccountId"] as string),
      ),
    ];

    test("opentrail lookup shows the account's events of the Region that it signs for, and no others", async () => {
      const { status, stdout, stderr } = await opentrail(adminA, ["lookup", "--json", "--limit", "500"]);
      expect([status, stderr]).toEqual([0, ""]);
      expect(accountsIn(stdout)).toEqual([A]);
      expect(stdout).not.toContain('"awsRegion":"eu-west-1"');
      const both = await opentrail(adminA, ["lookup", "--json", "--limit", "500", "--region", "us-east-1,eu-west-1"]);
      expect(accountsIn(both.stdout)).toEqual([A]);
      expect(both.stdout).toContain('"awsRegion":"eu-west-1"');
    });

    test("who reads so, or is refused, is on record as with LookupEvents", async () => {
      await opentrail(auditor, ["lookup", "--event-name", "CreateTrail"]);
      await opentrail(nobody, ["lookup", "--limit", "7"]);
      const [read] = await trail.untilEvents({ eventName: "LookupEvents", username: "auditor" });
      expectRecord(read!);
      expect(read).toMatchObject({
        eventSource: "cloudtrail.amazonaws.com",
        readOnly: true,
        managementEvent: true,
        userIdentity: { arn: `arn:aws:iam::${A}:user/audit/auditor` },
        additionalEventData: { opentrail: { path: "/_opentrail/events", query: "eventName=CreateTrail&limit=50" } },
      });
      expect(read).not.toHaveProperty("errorCode");
      const refused = await trail.untilEvents({ eventName: "LookupEvents", username: "nobody" });
      expect(refused).toContainEqual(
        expect.objectContaining({
          errorCode: "AccessDenied",
          additionalEventData: { opentrail: { path: "/_opentrail/events", query: "limit=7" } },
        }),
      );
    });

    test("another account's events cannot be asked for", async () => {
      const { status, stderr } = await opentrail(adminA, ["lookup", "--json", "--account", `${A},${B}`]);
      expect([status, stderr]).toEqual([
        1,
        `AccessDeniedException: Callers of account ${A} see the events of that account alone.\n`,
      ]);
    });

    test("policies decide, Region by Region", async () => {
      expect((await opentrail(nobody, ["lookup"])).stderr).toContain("is not authorized to perform: cloudtrail:LookupEvents");
      expect((await opentrail(narrow, ["lookup", "--region", "eu-west-1"])).status).toBe(0);
      expect((await opentrail(narrow, ["lookup", "--region", "eu-west-1,us-east-1"])).stderr).toContain("AccessDeniedException");
    });

    test("a wrong secret, or none, sees nothing", async () => {
      const wrong = await opentrail(adminA, ["lookup"], { AWS_SECRET_ACCESS_KEY: "wrong" });
      expect([wrong.status, wrong.stdout]).toEqual([1, ""]);
      expect(wrong.stderr).toContain("InvalidSignatureException");
      const none = await opentrail(undefined, ["lookup"]);
      expect([none.status, none.stderr]).toEqual([
        1,
        expect.stringMatching(/MissingAuthenticationToken[^]*No AWS credentials were found/),
      ]);
    });

    test("a profile's keys do", async () => {
      const file = join(directory, "credentials");
      writeFileSync(file, `[default]\nregion = us-east-1\n[b]\naws_access_key_id = ${adminB}\naws_secret_access_key=${SECRET}\n`);
      const { stdout } = await opentrail(adminA, ["lookup", "--json", "--profile", "b"], { AWS_SHARED_CREDENTIALS_FILE: file });
      expect(accountsIn(stdout)).toEqual([B]);
    });

    test("the operator's token shows every account, and the status", async () => {
      const file = join(trail.dataDir, "operator.token");
      const { stdout } = await opentrail(undefined, ["lookup", "--json", "--limit", "500", "--token-file", file]);
      expect(accountsIn(stdout).toSorted()).toEqual([A, B]);
      expect((await opentrail(undefined, ["status"], { OPENTRAIL_TOKEN_FILE: file })).stdout).toContain("recorded");
      expect((await opentrail(adminA, ["status"])).stderr).toContain("operator's token");
    });

    test("opentrail tail shows the account's events alone", async () => {
      const tailing = opentrail(adminA, ["tail", "--json", "--count", "1", "--event-name", "DescribeTrails"]);
      // What the other account does comes first, each time.
      const ended = new AbortController();
      const finished = tailing.finally(() => ended.abort());
      while (!ended.signal.aborted) {
        await as(adminB).send(new DescribeTrailsCommand({}));
        await as(adminA).send(new DescribeTrailsCommand({}));
      }
      const { status, stdout } = await finished;
      expect([status, accountsIn(stdout)]).toEqual([0, [A]]);
    });
  });
});

describe("where every key is believed", () => {
  let trail: OpenTrailProcess;
  beforeAll(async () => {
    trail = await startOpenTrail();
    for (const bucket of ["bucket-of-alpha", "bucket-of-beta"])
      expect(await send(trail.url, { service: "s3", line: `PUT /${bucket}` })).toBe(200);
    await clientOf(trail.url, A).send(new CreateTrailCommand({ Name: "alpha", S3BucketName: "bucket-of-alpha" }));
    await clientOf(trail.url, B).send(new CreateTrailCommand({ Name: "beta", S3BucketName: "bucket-of-beta" }));
    await trail.untilEvents({ eventName: "CreateTrail" }, 2);
  });
  afterAll(async () => await trail?.remove());

  test("accounts are kept apart all the same", async () => {
    const client = clientOf(trail.url, A);
    expect((await client.send(new ListTrailsCommand({}))).Trails?.map(({ Name }) => Name)).toEqual(["alpha"]);
    const { trailList } = await client.send(new DescribeTrailsCommand({ trailNameList: ["beta", trailArn(B, "beta"), "alpha"] }));
    expect(trailList?.map(({ Name }) => Name)).toEqual(["alpha"]);
    for (const name of ["beta", trailArn(B, "beta")])
      expect(await told(client.send(new GetTrailCommand({ Name: name })))).toBe(
        `400 TrailNotFoundException: Unknown trail: ${name} for the user: ${A}`,
      );
    const { Events = [] } = await client.send(new LookupEventsCommand({}));
    expect(Events.length).toBeGreaterThan(0);
    for (const { CloudTrailEvent = "" } of Events) expect(JSON.parse(CloudTrailEvent)).toHaveProperty("recipientAccountId", A);
  });

  test("no policy is asked, and no token is made", async () => {
    expect(await trail.get("status")).toHaveProperty("calls");
    const { existsSync } = await import("node:fs");
    expect(existsSync(join(trail.dataDir, "operator.token"))).toBe(false);
  });
});
