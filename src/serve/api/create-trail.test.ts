import { CreateTrailCommand, DescribeTrailsCommand, type CreateTrailCommandInput } from "@aws-sdk/client-cloudtrail";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
});
afterEach(() => api.close());

const plain: CreateTrailCommandInput = { Name: "audit", S3BucketName: "logs" };

async function refusal(input: CreateTrailCommandInput, region?: string, account?: string): Promise<readonly string[]> {
  return await failure(api.client(region, account).send(new CreateTrailCommand(input)));
}

test("a plain trail: defaults, and no member that was not given", async () => {
  const { $metadata, ...trail } = await api.client().send(new CreateTrailCommand(plain));
  expect($metadata.requestId).toBe("5d0ca1b1-0000-4000-8000-000000000001");
  expect(trail).toEqual({
    Name: "audit",
    S3BucketName: "logs",
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: false,
    TrailARN: `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`,
    LogFileValidationEnabled: false,
    IsOrganizationTrail: false,
    RecursiveLogging: true,
  });
});

test("everything at once, kept across a restart", async () => {
  const group = `arn:aws-cn:logs:cn-north-1:${ACCOUNT}:log-group:/trail/x:*`;
  const role = `arn:aws-cn:iam::${ACCOUNT}:role/service-role/trail`;
  const { $metadata: _, ...trail } = await api.client("cn-north-1").send(
    new CreateTrailCommand({
      ...plain,
      S3KeyPrefix: "a/b",
      SnsTopicName: "topic",
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: true,
      EnableLogFileValidation: true,
      CloudWatchLogsLogGroupArn: group,
      CloudWatchLogsRoleArn: role,
      KmsKeyId: "1234abcd-12ab-34cd-56ef-1234567890ab",
      IsOrganizationTrail: false,
      RecursiveLogging: false,
      TagsList: [{ Key: "team", Value: "security" }, { Key: "bare" }],
    }),
  );
  const shown = {
    Name: "audit",
    S3BucketName: "logs",
    S3KeyPrefix: "a/b",
    SnsTopicName: "topic",
    SnsTopicARN: `arn:aws-cn:sns:cn-north-1:${ACCOUNT}:topic`,
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: true,
    TrailARN: `arn:aws-cn:cloudtrail:cn-north-1:${ACCOUNT}:trail/audit`,
    LogFileValidationEnabled: true,
    CloudWatchLogsLogGroupArn: group,
    CloudWatchLogsRoleArn: role,
    KmsKeyId: `arn:aws-cn:kms:cn-north-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
    IsOrganizationTrail: false,
    RecursiveLogging: false,
  };
  expect(trail).toEqual(shown);
  await api.restart();
  const { trailList } = await api.client("cn-north-1").send(new DescribeTrailsCommand({}));
  expect(trailList).toEqual([{ ...shown, HomeRegion: "cn-north-1", HasCustomEventSelectors: false, HasInsightSelectors: false }]);
  expect((await api.trails.list(ACCOUNT))[0]?.tags).toEqual([
    { key: "team", value: "security" },
    { key: "bare", value: null },
  ]);
});

test("members that the model does not know are passed over", async () => {
  const answer = await fetch(api.url, {
    method: "POST",
    headers: { "x-amz-target": "CloudTrail_20131101.CreateTrail" },
    body: JSON.stringify({ ...plain, FutureSetting: { a: [1] } }),
  });
  expect(await answer.json()).toMatchObject({ Name: "audit" });
});

describe("refuses", () => {
  const arn = (service: string, resource: string, region = "us-east-1", account = ACCOUNT): string =>
    `arn:aws:${service}:${region}:${account}:${resource}`;
  const group = arn("logs", "log-group:trail:*");
  const role = `arn:aws:iam::${ACCOUNT}:role/trail`;
  const tags = (count: number): CreateTrailCommandInput["TagsList"] =>
    Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, Value: "" }));

  test.each<[string, Partial<CreateTrailCommandInput>, string]>([
    ...["ab", "", "x".repeat(129), "-abc", "abc-", "a--b", "a-_b", "a.b..c", "a b", "trail/x", "192.168.5.4", "ünïcode"].map(
      (Name): [string, Partial<CreateTrailCommandInput>, string] => [`name ${Name}`, { Name }, "InvalidTrailNameException"],
    ),
    ["no name", { Name: undefined }, "InvalidTrailNameException"],
    ...["ab", "", "x".repeat(64), "Abc", "a_b", "-ab", "ab-", "a..b", "a.-b", "a-.b", "192.168.5.4"].map(
      (S3BucketName): [string, Partial<CreateTrailCommandInput>, string] => [
        `bucket ${S3BucketName}`,
        { S3BucketName },
        "InvalidS3BucketNameException",
      ],
    ),
    ["no bucket", { S3BucketName: undefined }, "InvalidS3BucketNameException"],
    ["a long prefix", { S3KeyPrefix: "x".repeat(201) }, "InvalidS3PrefixException"],
    ["a line break in the prefix", { S3KeyPrefix: "a\nb" }, "InvalidS3PrefixException"],
    ["an escape sequence in the prefix", { S3KeyPrefix: "a\u001b[2Jb" }, "InvalidS3PrefixException"],
    ["a step upward in the prefix", { S3KeyPrefix: "a/../b" }, "InvalidS3PrefixException"],
    ["a step upward before the prefix", { S3KeyPrefix: "../b" }, "InvalidS3PrefixException"],
    ["half a character in the prefix", { S3KeyPrefix: "a\ud800" }, "InvalidS3PrefixException"],
    ["a topic with spaces", { SnsTopicName: "a b" }, "InvalidSnsTopicNameException"],
    ["a long topic", { SnsTopicName: "x".repeat(257) }, "InvalidSnsTopicNameException"],
    ["a FIFO topic", { SnsTopicName: arn("sns", "topic.fifo") }, "InvalidSnsTopicNameException"],
    ["a topic that is a queue", { SnsTopicName: arn("sqs", "queue") }, "InvalidSnsTopicNameException"],
    ["a key with spaces", { KmsKeyId: "a key" }, "InvalidKmsKeyIdException"],
    ["a key that is a bucket", { KmsKeyId: "arn:aws:s3:::bucket" }, "InvalidKmsKeyIdException"],
    ["a group without role", { CloudWatchLogsLogGroupArn: group }, "InvalidCloudWatchLogsRoleArnException"],
    ["a role without group", { CloudWatchLogsRoleArn: role }, "InvalidCloudWatchLogsLogGroupArnException"],
    [
      "a group without :*",
      { CloudWatchLogsLogGroupArn: arn("logs", "log-group:trail"), CloudWatchLogsRoleArn: role },
      "InvalidCloudWatchLogsLogGroupArnException",
    ],
    [
      "a group of another Region",
      { CloudWatchLogsLogGroupArn: arn("logs", "log-group:t:*", "eu-west-1"), CloudWatchLogsRoleArn: role },
      "InvalidCloudWatchLogsLogGroupArnException",
    ],
    [
      "a group of another account",
      { CloudWatchLogsLogGroupArn: arn("logs", "log-group:t:*", "us-east-1", OTHER_ACCOUNT), CloudWatchLogsRoleArn: role },
      "InvalidCloudWatchLogsLogGroupArnException",
    ],
    [
      "a role of another account",
      { CloudWatchLogsLogGroupArn: group, CloudWatchLogsRoleArn: `arn:aws:iam::${OTHER_ACCOUNT}:role/x` },
      "InvalidCloudWatchLogsRoleArnException",
    ],
    [
      "a multi-Region trail without global events",
      { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
      "InvalidParameterCombinationException",
    ],
    ["an organization's trail without organization", { IsOrganizationTrail: true }, "OrganizationsNotInUseException"],
    ["51 tags", { TagsList: tags(51) }, "TagsLimitExceededException"],
    ["a tag key twice", { TagsList: [...tags(1)!, ...tags(1)!] }, "InvalidTagParameterException"],
    ["a reserved tag key", { TagsList: [{ Key: "AWS:x" }] }, "InvalidTagParameterException"],
    ["a tag without key", { TagsList: [{ Key: undefined }] }, "InvalidTagParameterException"],
    ["a long tag key", { TagsList: [{ Key: "x".repeat(129) }] }, "InvalidTagParameterException"],
    ["a long tag value", { TagsList: [{ Key: "x", Value: "x".repeat(257) }] }, "InvalidTagParameterException"],
  ])("%s", async (_, input, name) => {
    expect((await refusal({ ...plain, ...input }))[0]).toBe(name);
    expect(await api.trails.list(ACCOUNT)).toEqual([]);
  });

  test("a name that is there, in the Region or as a shadow trail", async () => {
    await api.client().send(new CreateTrailCommand({ ...plain, IsMultiRegionTrail: true }));
    const there = ["TrailAlreadyExistsException", `Trail audit already exists for customer: ${ACCOUNT}`];
    expect(await refusal(plain)).toEqual(there);
    expect(await refusal(plain, "eu-west-1")).toEqual(there);
    expect(await refusal(plain, "cn-north-1")).toEqual(["", ""]);
    expect(await refusal(plain, "us-east-1", OTHER_ACCOUNT)).toEqual(["", ""]);
    await api.client("eu-west-1").send(new CreateTrailCommand({ ...plain, Name: "local" }));
    expect((await refusal({ ...plain, Name: "local", IsMultiRegionTrail: true }))[0]).toBe("TrailAlreadyExistsException");
    expect(await refusal({ ...plain, Name: "local" })).toEqual(["", ""]);
  });

  test("a sixth trail in a Region, shadow trails counted", async () => {
    for (const at of [1, 2, 3]) await api.client("eu-west-1").send(new CreateTrailCommand({ ...plain, Name: `local-${at}` }));
    for (const at of [1, 2])
      await api.client().send(new CreateTrailCommand({ ...plain, Name: `multi-${at}`, IsMultiRegionTrail: true }));
    const full = ["MaximumNumberOfTrailsExceededException", `User: ${ACCOUNT} already has 5 trails in eu-west-1.`];
    expect(await refusal({ ...plain, Name: "sixth" }, "eu-west-1")).toEqual(full);
    expect(await refusal({ ...plain, Name: "sixth", IsMultiRegionTrail: true })).toEqual(full);
    expect(await refusal({ ...plain, Name: "sixth" })).toEqual(["", ""]);
  });
});

test("empty texts are as good as none", async () => {
  const { $metadata: _, ...trail } = await api.client().send(
    new CreateTrailCommand({
      ...plain,
      S3KeyPrefix: "",
      SnsTopicName: "",
      KmsKeyId: "",
      CloudWatchLogsLogGroupArn: "",
      CloudWatchLogsRoleArn: "",
    }),
  );
  expect(Object.keys(trail).filter((name) => /Prefix|Sns|Kms|Logs/.test(name))).toEqual([]);
});

test.each([
  ["alias/x", `arn:aws:kms:us-east-1:${ACCOUNT}:alias/x`],
  ["mrk-1234abcd12ab34cd56ef1234567890ab", `arn:aws:kms:us-east-1:${ACCOUNT}:key/mrk-1234abcd12ab34cd56ef1234567890ab`],
  [`arn:aws:kms:eu-west-1:${OTHER_ACCOUNT}:key/1`, `arn:aws:kms:eu-west-1:${OTHER_ACCOUNT}:key/1`],
])("key %s is shown as %s", async (KmsKeyId, shown) => {
  expect((await api.client().send(new CreateTrailCommand({ ...plain, KmsKeyId }))).KmsKeyId).toBe(shown);
});
