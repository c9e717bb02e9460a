import { describe, expect, test } from "vitest";
import type { Trail } from "../../account/trails/trail.ts";
import { ACCOUNT, eventEntry, MEMBER, ownEvent, type TestEvent, testTrail } from "./delivery-lab.test-support.ts";
import { entryIndex } from "./entry-index.ts";
import { trailScope } from "./trail-scope.ts";

function fate(trail: Partial<Trail>, event: Omit<TestEvent, "id">): string {
  const whole = testTrail(trail);
  const covers = (of: Trail, accountId: string): boolean =>
    of.accountId === accountId || (of.isOrganizationTrail && accountId === MEMBER);
  const entry = { ...eventEntry({ id: "e", ...event }), position: 1 };
  return trailScope(whole, covers)(entryIndex(entry)!, entry.body);
}

test("accounts: its own, and with an organization's trail the members", () => {
  expect(fate({}, {})).toBe("selected");
  expect(fate({}, { account: MEMBER })).toBe("foreign");
  expect(fate({ isOrganizationTrail: true }, { account: MEMBER })).toBe("selected");
  expect(fate({ isOrganizationTrail: true }, { account: "777788889999" })).toBe("foreign");
});

test("Regions: the home Region, or all of the partition", () => {
  const single = { isMultiRegionTrail: false, homeRegion: "eu-west-1" };
  expect(fate(single, { region: "eu-west-1" })).toBe("selected");
  expect(fate(single, { region: "us-east-1" })).toBe("filtered");
  expect(fate({ isMultiRegionTrail: true }, { region: "ap-southeast-5" })).toBe("selected");
  expect(fate({ isMultiRegionTrail: true }, { region: "cn-north-1" })).toBe("filtered");
  expect(fate({ isMultiRegionTrail: true }, { region: "RegionOne" })).toBe("selected");
});

describe("events of global services", () => {
  const iam = { source: "iam.amazonaws.com", name: "CreateUser", region: "us-east-1" };
  const sts = (host: string): Omit<TestEvent, "id"> => ({
    source: "sts.amazonaws.com",
    name: "AssumeRole",
    record: { tlsDetails: { clientProvidedHostHeader: host } },
  });

  test("go to us-east-1 alone, and only where they are asked for", () => {
    expect(fate({ isMultiRegionTrail: true }, iam)).toBe("selected");
    expect(fate({ isMultiRegionTrail: false, homeRegion: "us-east-1" }, iam)).toBe("selected");
    expect(fate({ isMultiRegionTrail: false, homeRegion: "eu-west-1" }, iam)).toBe("filtered");
    expect(fate({ includeGlobalServiceEvents: false }, iam)).toBe("filtered");
    expect(fate({ includeGlobalServiceEvents: false }, {})).toBe("selected");
  });

  test("STS is global at its global endpoint only", () => {
    const trail = { includeGlobalServiceEvents: false };
    expect(fate(trail, sts("sts.amazonaws.com"))).toBe("filtered");
    expect(fate(trail, sts("sts.us-east-1.amazonaws.com"))).toBe("selected");
    expect(fate(trail, { ...sts("sts.eu-west-1.amazonaws.com"), region: "eu-west-1" })).toBe("selected");
  });
});

describe("what delivery itself caused", () => {
  const put = (bucket: string, key: string): Omit<TestEvent, "id"> => ownEvent("e", bucket, key);
  const service = (source: string, requestParameters: object): Omit<TestEvent, "id"> => ({
    source,
    username: undefined,
    record: { userIdentity: { type: "AWSService", invokedBy: "cloudtrail.amazonaws.com" }, requestParameters },
  });

  test("is known, and left out of the trail that it was for where that says so", () => {
    const quiet = { s3BucketName: "logs", s3KeyPrefix: "p", recursiveLogging: false };
    expect(fate({}, put("logs", "AWSLogs/1/x"))).toBe("own");
    expect(fate(quiet, put("logs", "p/AWSLogs/1/x"))).toBe("filtered");
    expect(fate(quiet, put("logs", "AWSLogs/1/x"))).toBe("own");
    expect(fate(quiet, put("other", "p/AWSLogs/1/x"))).toBe("own");
  });

  test("to the topic, the log group and the key as well", () => {
    const arn = `arn:aws:sns:us-east-1:${ACCOUNT}:topic`;
    const group = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:trails:*`;
    const quiet = { snsTopicArn: arn, cloudWatchLogsLogGroupArn: group, recursiveLogging: false };
    expect(fate(quiet, service("sns.amazonaws.com", { topicArn: arn }))).toBe("filtered");
    expect(fate(quiet, service("sns.amazonaws.com", { topicArn: `${arn}2` }))).toBe("own");
    expect(fate(quiet, service("logs.amazonaws.com", { logGroupName: "trails" }))).toBe("filtered");
    expect(fate(quiet, service("logs.amazonaws.com", { logGroupName: "others" }))).toBe("own");
    const encryptionContext = { "aws:cloudtrail:arn": testTrail().arn };
    expect(fate(quiet, service("kms.amazonaws.com", { encryptionContext }))).toBe("filtered");
    expect(fate({ recursiveLogging: false }, service("logs.amazonaws.com", {}))).toBe("own");
  });

  test("cannot be pretended", () => {
    const claims = { userIdentity: { type: "AWSService", invokedBy: "cloudtrail.amazonaws.com" } };
    const quiet = { recursiveLogging: false };
    const pretended = { source: "s3.amazonaws.com", record: { requestParameters: { bucketName: "logs", ...claims } } };
    expect(fate(quiet, pretended)).toBe("selected");
    expect(fate(quiet, { ...pretended, username: undefined })).toBe("selected");
  });
});
