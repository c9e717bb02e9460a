import {
  CreateTrailCommand,
  DeleteTrailCommand,
  GetTrailCommand,
  StartLoggingCommand,
  type Trail,
  UpdateTrailCommand,
  type UpdateTrailCommandInput,
} from "@aws-sdk/client-cloudtrail";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AwsError } from "../../aws/aws-error.ts";
import type { DestinationChecks } from "../../readers/delivery/destination-checks.ts";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

const ARN = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`;
const GROUP = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/trail:*`;
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/trail`;

let api: ServedApi;
let checked: Parameters<DestinationChecks["check"]>[] = [];
let onCheck: () => Promise<unknown> = async () => undefined;
beforeEach(async () => {
  checked = [];
  onCheck = async () => undefined;
  api = await serveApi({
    checks: {
      async check(...call) {
        checked.push(call);
        await onCheck();
        const [trail] = call;
        return trail.kmsKeyId?.endsWith("alias/known") === true ? { ...trail, kmsKeyId: KEY } : trail;
      },
    },
  });
});
afterEach(() => api.close());

const create = async (more: object = {}): Promise<unknown> =>
  await api.client().send(new CreateTrailCommand({ Name: "audit", S3BucketName: "logs", ...more }));

async function update(input: Omit<UpdateTrailCommandInput, "Name">, Name = "audit", region?: string): Promise<object> {
  const { $metadata: _, ...trail } = await api.client(region).send(new UpdateTrailCommand({ Name, ...input }));
  return trail;
}

async function refusal(
  input: Omit<UpdateTrailCommandInput, "Name">,
  Name = "audit",
  region?: string,
  account?: string,
): Promise<readonly [string, string]> {
  return await failure(api.client(region, account).send(new UpdateTrailCommand({ Name, ...input })));
}

const shown = async (): Promise<Trail | undefined> => (await api.client().send(new GetTrailCommand({ Name: ARN }))).Trail;

const everything = {
  S3KeyPrefix: "a/b",
  SnsTopicName: "topic",
  KmsKeyId: "alias/x",
  CloudWatchLogsLogGroupArn: GROUP,
  CloudWatchLogsRoleArn: ROLE,
};
const everythingShown = {
  S3KeyPrefix: "a/b",
  SnsTopicName: "topic",
  SnsTopicARN: `arn:aws:sns:us-east-1:${ACCOUNT}:topic`,
  KmsKeyId: `arn:aws:kms:us-east-1:${ACCOUNT}:alias/x`,
  CloudWatchLogsLogGroupArn: GROUP,
  CloudWatchLogsRoleArn: ROLE,
};
const bare = {
  Name: "audit",
  TrailARN: ARN,
  S3BucketName: "logs",
  IncludeGlobalServiceEvents: true,
  IsMultiRegionTrail: false,
  LogFileValidationEnabled: false,
  IsOrganizationTrail: false,
  RecursiveLogging: true,
};

describe("changes", () => {
  test("what is given and nothing else, by name or ARN; answers as CreateTrail does", async () => {
    await create();
    expect(await update({})).toEqual(bare);
    expect(await update(everything, ARN)).toEqual({ ...bare, ...everythingShown });
    const flags = {
      IsMultiRegionTrail: true,
      IncludeGlobalServiceEvents: true,
      EnableLogFileValidation: true,
      RecursiveLogging: false,
    };
    const after = {
      ...bare,
      ...everythingShown,
      S3BucketName: "other",
      IsMultiRegionTrail: true,
      LogFileValidationEnabled: true,
      RecursiveLogging: false,
    };
    expect(await update({ ...flags, S3BucketName: "other" })).toEqual(after);
    await api.restart();
    expect(await shown()).toEqual({
      ...after,
      HomeRegion: "us-east-1",
      HasCustomEventSelectors: false,
      HasInsightSelectors: false,
    });
  });

  test("an empty text takes a setting away", async () => {
    await create(everything);
    const { S3KeyPrefix: _, ...withoutPrefix } = everythingShown;
    expect(await update({ S3KeyPrefix: "" })).toEqual({ ...bare, ...withoutPrefix });
    const cleared = { S3KeyPrefix: "", SnsTopicName: "", KmsKeyId: "", CloudWatchLogsLogGroupArn: "", CloudWatchLogsRoleArn: "" };
    expect(await update(cleared)).toEqual(bare);
    expect(await update(cleared)).toEqual(bare);
  });

  test.each([{ CloudWatchLogsLogGroupArn: "" }, { CloudWatchLogsRoleArn: "" }])("%j takes both away", async (input) => {
    await create(everything);
    const after = await update(input);
    expect(Object.keys(after).filter((name) => name.includes("CloudWatch"))).toEqual([]);
  });

  test("leaves logging, tags and what else UpdateTrail cannot set", async () => {
    await create({ TagsList: [{ Key: "a", Value: "b" }] });
    await api.client().send(new StartLoggingCommand({ Name: "audit" }));
    const [before] = await api.trails.list(ACCOUNT);
    await update({ S3BucketName: "other" });
    expect(await api.trails.list(ACCOUNT)).toEqual([{ ...before, s3BucketName: "other" }]);
  });

  test("each change is a revision after the journal's end, of its request", async () => {
    await create();
    api.journalEnd = 17;
    await update({ S3BucketName: "other" });
    await update({ S3BucketName: "other" });
    api.journalEnd = 20;
    await api.client().send(new DeleteTrailCommand({ Name: "audit" }));
    const requestId = "5d0ca1b1-0000-4000-8000-000000000001";
    expect(api.trails.revisions()).toMatchObject([
      { after: 0, requestId, removed: false, trail: { s3BucketName: "logs" } },
      { after: 17, requestId, removed: false, trail: { s3BucketName: "other" } },
      { after: 20, requestId, removed: true, trail: { s3BucketName: "other" } },
    ]);
  });
});

describe("refuses", () => {
  test.each<[Omit<UpdateTrailCommandInput, "Name">, string, string?]>([
    [{ S3BucketName: "" }, "InvalidS3BucketNameException"],
    [{ S3BucketName: "A" }, "InvalidS3BucketNameException"],
    [{ S3KeyPrefix: "x".repeat(201) }, "InvalidS3PrefixException"],
    [{ SnsTopicName: "x.fifo" }, "InvalidSnsTopicNameException"],
    [{ KmsKeyId: "a key" }, "InvalidKmsKeyIdException"],
    [
      { CloudWatchLogsLogGroupArn: GROUP },
      "InvalidCloudWatchLogsRoleArnException",
      "You must specify a role ARN as well as a log group.",
    ],
    [{ CloudWatchLogsRoleArn: ROLE }, "InvalidCloudWatchLogsLogGroupArnException"],
    [{ CloudWatchLogsLogGroupArn: GROUP, CloudWatchLogsRoleArn: "" }, "InvalidCloudWatchLogsRoleArnException"],
    [{ CloudWatchLogsLogGroupArn: "", CloudWatchLogsRoleArn: ROLE }, "InvalidCloudWatchLogsLogGroupArnException"],
    [{ CloudWatchLogsLogGroupArn: `${GROUP}x`, CloudWatchLogsRoleArn: ROLE }, "InvalidCloudWatchLogsLogGroupArnException"],
    [{ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false }, "InvalidParameterCombinationException"],
    [{ IsOrganizationTrail: true }, "OrganizationsNotInUseException"],
  ])("%j: %s", async (input, name, message) => {
    await create(everything);
    const before = await shown();
    const refused = await refusal({ IncludeGlobalServiceEvents: true, ...input });
    expect(refused[0]).toBe(name);
    if (message !== undefined) expect(refused[1]).toBe(message);
    expect(await shown()).toEqual(before);
  });

  test("shadow trails, unknown trails, other accounts' trails", async () => {
    await create({ IsMultiRegionTrail: true });
    expect(await refusal({}, "audit", "eu-west-1")).toEqual([
      "InvalidHomeRegionException",
      `Trail ${ARN} can only be changed in its home Region, us-east-1.`,
    ]);
    expect((await refusal({}, ARN, "eu-west-1"))[0]).toBe("InvalidHomeRegionException");
    expect(await refusal({}, "other")).toEqual(["TrailNotFoundException", `Unknown trail: other for the user: ${ACCOUNT}`]);
    expect((await refusal({}, ARN, "us-east-1", OTHER_ACCOUNT))[0]).toBe("TrailNotFoundException");
    expect((await refusal({}, "a b"))[0]).toBe("InvalidTrailNameException");
    expect((await refusal({}, "arn:aws:cloudtrail:x"))[0]).toBe("CloudTrailARNInvalidException");
  });

  test("to spread where its name or the place is taken", async () => {
    await create();
    await api.client("eu-west-1").send(new CreateTrailCommand({ Name: "audit", S3BucketName: "logs" }));
    expect((await refusal({ IsMultiRegionTrail: true }))[0]).toBe("TrailAlreadyExistsException");
    await api.client("eu-west-1").send(new DeleteTrailCommand({ Name: "audit" }));
    for (const at of [1, 2, 3, 4, 5])
      await api.client("eu-west-1").send(new CreateTrailCommand({ Name: `far-${at}`, S3BucketName: "logs" }));
    expect((await refusal({ IsMultiRegionTrail: true }))[0]).toBe("MaximumNumberOfTrailsExceededException");
    await api.client("eu-west-1").send(new DeleteTrailCommand({ Name: "far-1" }));
    expect(await refusal({ IsMultiRegionTrail: true })).toEqual(["", ""]);
    // Five are there now, and the trail is one of them.
    expect(await refusal({ IsMultiRegionTrail: true, S3BucketName: "other" })).toEqual(["", ""]);
  });
});

describe("checks of destinations", () => {
  test("see the trail as it will be and as it was; what they refuse changes nothing", async () => {
    await create();
    expect(checked).toMatchObject([[{ name: "audit", s3BucketName: "logs" }, undefined, expect.any(AbortSignal)]]);
    onCheck = async () => {
      throw new AwsError("S3BucketDoesNotExistException", "S3 bucket other does not exist!");
    };
    expect(await refusal({ S3BucketName: "other" })).toEqual([
      "S3BucketDoesNotExistException",
      "S3 bucket other does not exist!",
    ]);
    expect(checked[1]).toMatchObject([{ s3BucketName: "other" }, { s3BucketName: "logs" }, expect.any(AbortSignal)]);
    expect(await shown()).toMatchObject({ S3BucketName: "logs" });
    await expect(create({ Name: "second" })).rejects.toThrow("S3 bucket other does not exist!");
    expect(await api.trails.list(ACCOUNT)).toHaveLength(1);
  });

  test("tell which key it is that an alias names", async () => {
    expect(await create({ KmsKeyId: "alias/known" })).toMatchObject({ KmsKeyId: KEY });
    expect(await update({ KmsKeyId: "alias/other" })).toMatchObject({ KmsKeyId: `arn:aws:kms:us-east-1:${ACCOUNT}:alias/other` });
    expect(await update({ KmsKeyId: "alias/known" })).toMatchObject({ KmsKeyId: KEY });
    expect(await update({ S3KeyPrefix: "x" })).toMatchObject({ KmsKeyId: KEY });
    expect(await shown()).toMatchObject({ KmsKeyId: KEY });
    expect(await update({ KmsKeyId: "" })).not.toHaveProperty("KmsKeyId");
  });

  test("are not made for what is refused anyway", async () => {
    await create();
    await expect(create()).rejects.toThrow("already exists");
    await refusal({ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false });
    expect(checked).toHaveLength(1);
  });

  test("a change meanwhile is a conflict, but for logging", async () => {
    await create();
    onCheck = async () => {
      onCheck = async () => undefined;
      await update({ S3BucketName: "meanwhile" });
    };
    expect((await refusal({ S3KeyPrefix: "x" }))[0]).toBe("ConflictException");
    expect(await shown()).toMatchObject({ S3BucketName: "meanwhile" });
    onCheck = async () => await api.client().send(new StartLoggingCommand({ Name: "audit" }));
    expect(await update({ S3KeyPrefix: "x" })).toMatchObject({ S3KeyPrefix: "x" });
    expect(await api.trails.list(ACCOUNT)).toMatchObject([{ logging: true, s3KeyPrefix: "x" }]);
    onCheck = async () => await api.client().send(new DeleteTrailCommand({ Name: "audit" }));
    expect((await refusal({ S3KeyPrefix: "y" }))[0]).toBe("TrailNotFoundException");
    expect(await api.trails.list(ACCOUNT)).toEqual([]);
  });

  test("another trail of the name meanwhile is not the one that was meant", async () => {
    await create();
    onCheck = async () => {
      onCheck = async () => undefined;
      await api.client().send(new DeleteTrailCommand({ Name: "audit" }));
      await create();
    };
    expect((await refusal({ S3KeyPrefix: "y" }))[0]).toBe("TrailNotFoundException");
    expect(await shown()).not.toHaveProperty("S3KeyPrefix");
  });
});
