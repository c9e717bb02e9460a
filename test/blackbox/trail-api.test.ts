import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AddTagsCommand,
  CloudTrailClient,
  CloudTrailServiceException,
  CreateTrailCommand,
  DeleteTrailCommand,
  DeregisterOrganizationDelegatedAdminCommand,
  DescribeTrailsCommand,
  GetEventConfigurationCommand,
  GetEventSelectorsCommand,
  GetInsightSelectorsCommand,
  PutInsightSelectorsCommand,
  GetResourcePolicyCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  ListTrailsCommand,
  PutEventConfigurationCommand,
  PutEventSelectorsCommand,
  RegisterOrganizationDelegatedAdminCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";
import { expectRecord } from "../support/record-shape.ts";

const MANAGEMENT = "111122223333";
const MEMBER = "222233334444";
const ARN = `arn:aws:cloudtrail:us-east-1:${MANAGEMENT}:trail/audit`;

const CONFIG = `
organization: { id: o-exampleorgid, managementAccount: "${MANAGEMENT}", members: ["${MEMBER}", "333344445555"] }
accounts:
  - { id: "${MANAGEMENT}", users: [{ name: admin, accessKeys: [{ id: AKIAMANAGEMENT }] }] }
  - { id: "${MEMBER}", users: [{ name: admin, accessKeys: [{ id: AKIAMEMBER }] }] }
`;

const directory = mkdtempSync(join(tmpdir(), "opentrail-trail-api-"));
const config = join(directory, "opentrail.yaml");
writeFileSync(config, CONFIG);

let trail: OpenTrailProcess;
const clients: CloudTrailClient[] = [];
beforeAll(async () => {
  trail = await startOpenTrail({ flags: ["--config", config] });
  const s3 = new S3Client({ ...access("AKIAMANAGEMENT"), region: "us-east-1", forcePathStyle: true });
  for (const Bucket of ["logs-one", "logs-two"]) await s3.send(new CreateBucketCommand({ Bucket }));
  s3.destroy();
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await trail?.remove();
  rmSync(directory, { recursive: true });
});

const access = (accessKeyId: string) => ({
  endpoint: trail.url,
  credentials: { accessKeyId, secretAccessKey: "x" },
  maxAttempts: 1,
});

/** The JS SDK writes the short target; `long` has it write the older one, as boto3 does. */
function clientOf(accessKeyId: string, { region = "us-east-1", long = false } = {}): CloudTrailClient {
  const client = new CloudTrailClient({ ...access(accessKeyId), region });
  if (long) {
    client.middlewareStack.add(
      (next) => async (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers["x-amz-target"] = `com.amazonaws.cloudtrail.v20131101.${headers["x-amz-target"]}`;
        return await next(args);
      },
      { step: "build" },
    );
  }
  clients.push(client);
  return client;
}

async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    if (!(error instanceof CloudTrailServiceException)) throw error;
    return error.name;
  }
}

describe.each([
  ["the short target", false],
  ["the long target", true],
])("with %s", (_, long) => {
  test("a trail's life as Terraform leads it, by ARN", async () => {
    const client = clientOf("AKIAMANAGEMENT", { long });
    const { TrailARN } = await client.send(
      new CreateTrailCommand({
        Name: "audit",
        S3BucketName: "logs-one",
        IncludeGlobalServiceEvents: true,
        IsMultiRegionTrail: true,
        EnableLogFileValidation: true,
        S3KeyPrefix: "prefix",
        TagsList: [{ Key: "env", Value: "test" }],
      }),
    );
    expect(TrailARN).toBe(ARN);
    await client.send(new StartLoggingCommand({ Name: ARN }));
    await client.send(
      new PutEventSelectorsCommand({
        TrailName: ARN,
        AdvancedEventSelectors: [
          {
            Name: "data",
            FieldSelectors: [
              { Field: "eventCategory", Equals: ["Data"] },
              { Field: "resources.type", Equals: ["AWS::S3::Object"] },
            ],
          },
        ],
      }),
    );

    const describe = async () => (await client.send(new DescribeTrailsCommand({ trailNameList: [ARN] }))).trailList;
    const shown = {
      Name: "audit",
      TrailARN: ARN,
      HomeRegion: "us-east-1",
      S3BucketName: "logs-one",
      S3KeyPrefix: "prefix",
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: true,
      LogFileValidationEnabled: true,
      IsOrganizationTrail: false,
      HasCustomEventSelectors: true,
      HasInsightSelectors: false,
      RecursiveLogging: true,
    };
    expect(await describe()).toEqual([shown]);
    expect(await client.send(new GetTrailStatusCommand({ Name: ARN }))).toMatchObject({
      IsLogging: true,
      TimeLoggingStopped: "",
    });
    const tags = async () => (await client.send(new ListTagsCommand({ ResourceIdList: [ARN] }))).ResourceTagList;
    expect(await tags()).toEqual([{ ResourceId: ARN, TagsList: [{ Key: "env", Value: "test" }] }]);
    expect((await client.send(new GetEventSelectorsCommand({ TrailName: ARN }))).AdvancedEventSelectors).toHaveLength(1);
    const templates = [{ EventCategory: "Data" as const, Templates: ["API_ACTIVITY" as const] }];
    await client.send(new PutEventConfigurationCommand({ TrailName: ARN, AggregationConfigurations: templates }));
    expect(await client.send(new GetEventConfigurationCommand({ TrailName: ARN }))).toMatchObject({
      AggregationConfigurations: templates,
    });

    const { $metadata: _metadata, ...updated } = await client.send(
      new UpdateTrailCommand({
        Name: ARN,
        S3BucketName: "logs-two",
        S3KeyPrefix: "",
        SnsTopicName: "",
        KmsKeyId: "",
        CloudWatchLogsLogGroupArn: "",
        CloudWatchLogsRoleArn: "",
        IsMultiRegionTrail: false,
        RecursiveLogging: false,
      }),
    );
    const { HomeRegion, HasCustomEventSelectors, HasInsightSelectors, S3KeyPrefix: _prefix, ...same } = shown;
    const after = { ...same, S3BucketName: "logs-two", IsMultiRegionTrail: false, RecursiveLogging: false };
    expect(updated).toEqual(after);
    await client.send(
      new AddTagsCommand({
        ResourceId: ARN,
        TagsList: [
          { Key: "team", Value: "security" },
          { Key: "env", Value: "live" },
        ],
      }),
    );
    await client.send(new RemoveTagsCommand({ ResourceId: ARN, TagsList: [{ Key: "team", Value: "security" }] }));
    expect(await tags()).toEqual([{ ResourceId: ARN, TagsList: [{ Key: "env", Value: "live" }] }]);
    expect(await describe()).toEqual([{ ...after, HomeRegion, HasCustomEventSelectors, HasInsightSelectors }]);

    await client.send(new StopLoggingCommand({ Name: ARN }));
    const { IsLogging, StartLoggingTime, StopLoggingTime } = await client.send(new GetTrailStatusCommand({ Name: "audit" }));
    expect([IsLogging, StartLoggingTime instanceof Date, StopLoggingTime instanceof Date]).toEqual([false, true, true]);
    await client.send(new DeleteTrailCommand({ Name: ARN }));
    expect(await describe()).toEqual([]);
    expect(await errorOf(client.send(new DeleteTrailCommand({ Name: ARN })))).toBe("TrailNotFoundException");
    expect(await errorOf(client.send(new GetTrailCommand({ Name: ARN })))).toBe("TrailNotFoundException");
  });

  test("errors", async () => {
    const client = clientOf("AKIAMANAGEMENT", { long });
    expect(await errorOf(client.send(new CreateTrailCommand({ Name: "gone", S3BucketName: "no-such-bucket-here" })))).toBe(
      "S3BucketDoesNotExistException",
    );
    expect(await errorOf(client.send(new GetResourcePolicyCommand({ ResourceArn: ARN })))).toBe(
      "ResourceTypeNotSupportedException",
    );
    expect(await errorOf(client.send(new GetInsightSelectorsCommand({ TrailName: "gone" })))).toBe("TrailNotFoundException");
    expect(await errorOf(client.send(new PutInsightSelectorsCommand({ TrailName: "gone", InsightSelectors: [] })))).toBe(
      "UnsupportedOperationException",
    );
    expect(await errorOf(client.send(new PutEventConfigurationCommand({ EventDataStore: "abc" })))).toBe(
      "EventDataStoreNotFoundException",
    );
  });
});

test("a trail outlives the process, with what was set of it", async () => {
  const client = clientOf("AKIAMANAGEMENT");
  await client.send(new CreateTrailCommand({ Name: "audit", S3BucketName: "logs-one", RecursiveLogging: false }));
  await client.send(new StartLoggingCommand({ Name: "audit" }));
  const before = await client.send(new GetTrailStatusCommand({ Name: "audit" }));
  await trail.stop("SIGKILL");
  trail = await startOpenTrail({ flags: ["--config", config], dataDir: trail.dataDir });
  const again = clientOf("AKIAMANAGEMENT");
  const after = await again.send(new GetTrailStatusCommand({ Name: "audit" }));
  expect([after.IsLogging, after.StartLoggingTime]).toEqual([true, before.StartLoggingTime]);
  expect((await again.send(new GetTrailCommand({ Name: "audit" }))).Trail).toMatchObject({ RecursiveLogging: false });
  await again.send(new DeleteTrailCommand({ Name: "audit" }));
});

test("an organization's trail: made by a delegated administrator, seen by members, changed by none of them", async () => {
  const management = clientOf("AKIAMANAGEMENT");
  const member = clientOf("AKIAMEMBER");
  const create = async (client: CloudTrailClient) =>
    await client.send(
      new CreateTrailCommand({ Name: "audit", S3BucketName: "logs-one", IsOrganizationTrail: true, IsMultiRegionTrail: true }),
    );
  expect(await errorOf(create(member))).toBe("NotOrganizationMasterAccountException");
  await management.send(new RegisterOrganizationDelegatedAdminCommand({ MemberAccountId: MEMBER }));
  expect((await create(member)).TrailARN).toBe(ARN);
  await member.send(new StartLoggingCommand({ Name: ARN }));
  await management.send(new DeregisterOrganizationDelegatedAdminCommand({ DelegatedAdminAccountId: MEMBER }));
  expect(await errorOf(member.send(new StopLoggingCommand({ Name: ARN })))).toBe("NotOrganizationMasterAccountException");
  expect((await member.send(new ListTrailsCommand({}))).Trails).toEqual([
    { TrailARN: ARN, Name: "audit", HomeRegion: "us-east-1" },
  ]);
  expect(await member.send(new GetTrailStatusCommand({ Name: ARN }))).toMatchObject({ IsLogging: true });
  await management.send(new DeleteTrailCommand({ Name: "audit" }));
  expect((await member.send(new ListTrailsCommand({}))).Trails).toEqual([]);
});

test("all of it is recorded", async () => {
  const [refused] = await trail.untilEvents({ eventName: "StopLogging", account: MEMBER });
  expectRecord(refused!);
  expect(refused).toMatchObject({ recipientAccountId: MEMBER, requestParameters: { name: ARN }, responseElements: null });
  const [registered] = await trail.untilEvents({ eventName: "RegisterOrganizationDelegatedAdmin" });
  expectRecord(registered!);
  expect(registered).toMatchObject({ requestParameters: { memberAccountId: MEMBER }, readOnly: false });
  const [updated] = await trail.untilEvents({ eventName: "UpdateTrail" });
  expect(updated).toMatchObject({ responseElements: { trailARN: ARN, s3BucketName: "logs-two" } });
});
