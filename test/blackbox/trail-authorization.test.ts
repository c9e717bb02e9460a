import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AddTagsCommand,
  CloudTrailClient,
  CloudTrailServiceException,
  CreateTrailCommand,
  GetEventConfigurationCommand,
  GetEventSelectorsCommand,
  GetResourcePolicyCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  PutEventConfigurationCommand,
  PutEventSelectorsCommand,
  RegisterOrganizationDelegatedAdminCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";

const A = "111122223333";
const MEMBER = "222233334444";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const key = (id: string): string => `accessKeys: [{ id: ${id}, secret: ${SECRET} }]`;

const CONFIG = `
auth: { mode: verify }
capture: { processes: 2 }
organization: { id: o-exampleorgid, managementAccount: "${A}", members: ["${MEMBER}"] }
accounts:
  - id: "${A}"
    users:
      - { name: admin, ${key("AKIAADMIN")}, policies: ["arn:aws:iam::aws:policy/AdministratorAccess"] }
      - name: narrow
        ${key("AKIANARROW")}
        policies:
          - name: red-ones
            document:
              Statement:
                - { Effect: Allow, Action: "cloudtrail:*", Resource: "arn:aws:cloudtrail:*:${A}:trail/red-*" }
                - { Effect: Deny, Action: "cloudtrail:AddTags", Resource: "*", Condition: { StringEquals: { "aws:RequestTag/owner": other } } }
                - { Effect: Deny, Action: "cloudtrail:StopLogging", Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/keep": "yes" } } }
  - id: "${MEMBER}"
    users:
      - { name: admin, ${key("AKIAMEMBER")}, policies: ["arn:aws:iam::aws:policy/AdministratorAccess"] }
      - name: reader
        ${key("AKIAREADER")}
        policies:
          - name: tagged
            document:
              Statement: { Effect: Allow, Action: "cloudtrail:GetTrailStatus", Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/keep": "yes" } } }
`;

const directory = mkdtempSync(join(tmpdir(), "opentrail-trail-authorization-"));
let trail: OpenTrailProcess;
const clients: CloudTrailClient[] = [];

const access = (accessKeyId: string) => ({
  endpoint: trail.url,
  region: "us-east-1",
  credentials: { accessKeyId, secretAccessKey: SECRET },
  maxAttempts: 1,
});
function as(accessKeyId: string): CloudTrailClient {
  const client = new CloudTrailClient(access(accessKeyId));
  clients.push(client);
  return client;
}
async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    if (!(error instanceof CloudTrailServiceException)) throw error;
    return error.name === "AccessDeniedException" ? error.message : error.name;
  }
}

const arn = (name: string): string => `arn:aws:cloudtrail:us-east-1:${A}:trail/${name}`;
const denied = (action: string, resource?: string): string =>
  `User: arn:aws:iam::${A}:user/narrow is not authorized to perform: cloudtrail:${action}${resource === undefined ? "" : ` on resource: ${resource}`} because no identity-based policy allows the cloudtrail:${action} action`;

beforeAll(async () => {
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, CONFIG);
  trail = await startOpenTrail({ flags: ["--config", config] });
  const s3 = new S3Client({ ...access("AKIAADMIN"), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "logs-one" }));
  s3.destroy();
  for (const Name of ["red-one", "blue"]) {
    const IsOrganizationTrail = Name === "blue";
    await as("AKIAADMIN").send(new CreateTrailCommand({ Name, S3BucketName: "logs-one", IsOrganizationTrail }));
  }
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await trail?.remove();
  rmSync(directory, { recursive: true });
});

const DATA = [
  {
    FieldSelectors: [
      { Field: "eventCategory", Equals: ["Data"] },
      { Field: "resources.type", Equals: ["AWS::S3::Object"] },
    ],
  },
];

test.each<[action: string, call: (client: CloudTrailClient, name: string) => Promise<unknown>]>([
  ["UpdateTrail", async (client, Name) => await client.send(new UpdateTrailCommand({ Name }))],
  ["StartLogging", async (client, Name) => await client.send(new StartLoggingCommand({ Name }))],
  ["StopLogging", async (client, Name) => await client.send(new StopLoggingCommand({ Name }))],
  ["GetTrailStatus", async (client, Name) => await client.send(new GetTrailStatusCommand({ Name }))],
  ["GetEventSelectors", async (client, TrailName) => await client.send(new GetEventSelectorsCommand({ TrailName }))],
  [
    "PutEventSelectors",
    async (client, TrailName) => await client.send(new PutEventSelectorsCommand({ TrailName, AdvancedEventSelectors: DATA })),
  ],
  ["GetEventConfiguration", async (client, TrailName) => await client.send(new GetEventConfigurationCommand({ TrailName }))],
  [
    "PutEventConfiguration",
    async (client, TrailName) =>
      await client.send(new PutEventConfigurationCommand({ TrailName, AggregationConfigurations: [] })),
  ],
  ["AddTags", async (client, name) => await client.send(new AddTagsCommand({ ResourceId: arn(name), TagsList: [{ Key: "a" }] }))],
  [
    "RemoveTags",
    async (client, name) => await client.send(new RemoveTagsCommand({ ResourceId: arn(name), TagsList: [{ Key: "a" }] })),
  ],
  ["ListTags", async (client, name) => await client.send(new ListTagsCommand({ ResourceIdList: [arn(name)] }))],
])("%s is allowed trail by trail", async (action, call) => {
  expect(await errorOf(call(as("AKIANARROW"), "red-one"))).toBe("none");
  expect(await errorOf(call(as("AKIANARROW"), "blue"))).toBe(denied(action, arn("blue")));
});

test("each ARN of a list must be allowed", async () => {
  const list = as("AKIANARROW").send(new ListTagsCommand({ ResourceIdList: [arn("red-one"), arn("blue")] }));
  expect(await errorOf(list)).toBe(denied("ListTags", arn("blue")));
});

test("policies of resources, and what has none", async () => {
  const client = as("AKIANARROW");
  expect(await errorOf(client.send(new GetResourcePolicyCommand({ ResourceArn: arn("blue") })))).toBe(
    denied("GetResourcePolicy", arn("blue")),
  );
  expect(await errorOf(client.send(new RegisterOrganizationDelegatedAdminCommand({ MemberAccountId: MEMBER })))).toBe(
    denied("RegisterOrganizationDelegatedAdmin"),
  );
});

test("tags of the request and of the trail count", async () => {
  const client = as("AKIANARROW");
  const add = async (Key: string, Value: string): Promise<string> =>
    await errorOf(client.send(new AddTagsCommand({ ResourceId: arn("red-one"), TagsList: [{ Key, Value }] })));
  expect(await add("owner", "other")).toContain("with an explicit deny in an identity-based policy");
  expect(await add("keep", "yes")).toBe("none");
  expect(await errorOf(client.send(new StopLoggingCommand({ Name: "red-one" })))).toContain("with an explicit deny");
});

test("an organization trail's tags count for members, who change nothing all the same", async () => {
  const status = async (): Promise<string> =>
    await errorOf(as("AKIAREADER").send(new GetTrailStatusCommand({ Name: arn("blue") })));
  expect(await status()).toContain("no identity-based policy allows");
  await as("AKIAADMIN").send(new AddTagsCommand({ ResourceId: arn("blue"), TagsList: [{ Key: "keep", Value: "yes" }] }));
  expect(await status()).toBe("none");
  expect(await errorOf(as("AKIAMEMBER").send(new StopLoggingCommand({ Name: arn("blue") })))).toBe(
    "NotOrganizationMasterAccountException",
  );
  expect(await errorOf(as("AKIAMEMBER").send(new GetTrailStatusCommand({ Name: arn("red-one") })))).toBe(
    "TrailNotFoundException",
  );
});
