import {
  AddTagsCommand,
  CreateTrailCommand,
  ListTagsCommand,
  RemoveTagsCommand,
  type ResourceTag,
  type Tag,
} from "@aws-sdk/client-cloudtrail";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

const ARN = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/audit`;

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
  await api.client().send(
    new CreateTrailCommand({
      Name: "audit",
      S3BucketName: "logs",
      IsMultiRegionTrail: true,
      TagsList: [{ Key: "a", Value: "1" }],
    }),
  );
});
afterEach(() => api.close());

const list = async (...arns: readonly string[]): Promise<ResourceTag[] | undefined> =>
  (await api.client().send(new ListTagsCommand({ ResourceIdList: [...arns] }))).ResourceTagList;
const add = async (TagsList: Tag[], ResourceId = ARN): Promise<unknown> =>
  await api.client().send(new AddTagsCommand({ ResourceId, TagsList }));
const remove = async (TagsList: Tag[]): Promise<unknown> =>
  await api.client().send(new RemoveTagsCommand({ ResourceId: ARN, TagsList }));

test("are added, replaced, removed by key and listed", async () => {
  await add([{ Key: "b" }, { Key: "c", Value: "" }]);
  await add([{ Key: "a", Value: "2" }]);
  const tags = [{ Key: "a", Value: "2" }, { Key: "b" }, { Key: "c", Value: "" }];
  await api.restart();
  expect(await list(ARN)).toEqual([{ ResourceId: ARN, TagsList: tags }]);
  await remove([{ Key: "a", Value: "not this" }, { Key: "b" }, { Key: "unknown" }]);
  expect(await list(ARN)).toEqual([{ ResourceId: ARN, TagsList: [{ Key: "c", Value: "" }] }]);
  await remove([{ Key: "c" }]);
  expect(await list(ARN, ARN)).toEqual([
    { ResourceId: ARN, TagsList: [] },
    { ResourceId: ARN, TagsList: [] },
  ]);
});

test("fifty in all, and not one more", async () => {
  const keys = (from: number, to: number): Tag[] => Array.from({ length: to - from }, (_, at) => ({ Key: `k${from + at}` }));
  await add(keys(0, 49));
  expect((await failure(add(keys(49, 50))))[0]).toBe("TagsLimitExceededException");
  await add(keys(0, 49));
  expect((await list(ARN))?.[0]?.TagsList).toHaveLength(50);
});

test.each<[Tag[], string]>([
  [[{ Key: "x" }, { Key: "x" }], "InvalidTagParameterException"],
  [[{ Key: "" }], "InvalidTagParameterException"],
  [[{ Key: "aws:x" }], "InvalidTagParameterException"],
  [[{ Key: "x".repeat(129) }], "InvalidTagParameterException"],
  [[{ Key: "x", Value: "x".repeat(257) }], "InvalidTagParameterException"],
])("%j: %s", async (tags, name) => {
  expect((await failure(add(tags)))[0]).toBe(name);
  expect((await failure(remove(tags)))[0]).toBe(name);
  expect((await list(ARN))?.[0]?.TagsList).toEqual([{ Key: "a", Value: "1" }]);
});

const other = (resource: string, service = "cloudtrail", region = "us-east-1", account = ACCOUNT): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;

test.each<[string, string, string?]>([
  ["audit", "CloudTrailARNInvalidException"],
  ["", "CloudTrailARNInvalidException"],
  ["arn:aws:cloudtrail:us-east-1", "CloudTrailARNInvalidException"],
  [other("trail/audit", "cloudtrail", "us-east-1", "12"), "CloudTrailARNInvalidException"],
  [
    other("trail/audit", "cloudtrail", "eu-west-1"),
    "CloudTrailARNInvalidException",
    "Region in ARN is wrong, you can only access resources in region us-east-1.",
  ],
  [
    other("trail/audit", "cloudtrail", "us-east-1", OTHER_ACCOUNT),
    "CloudTrailARNInvalidException",
    `AccountID in ARN is wrong, you can only access resources with AccountID ${ACCOUNT}.`,
  ],
  [other("trail/a--b"), "InvalidTrailNameException"],
  [other("trail/other"), "ResourceNotFoundException"],
  [other("dashboard/x"), "ResourceNotFoundException"],
  [other("eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE"), "EventDataStoreNotFoundException"],
  [other("eventdatastore/a/b"), "EventDataStoreARNInvalidException"],
  [other("channel/01234567890"), "ChannelNotFoundException"],
  [other("channel/é"), "ChannelARNInvalidException"],
  [other("topic/x", "sns"), "ResourceTypeNotSupportedException"],
  [other("stream/x"), "ResourceTypeNotSupportedException"],
  ["arn:aws:s3:::bucket", "ResourceTypeNotSupportedException"],
])("of %s: %s", async (arn, name, message) => {
  for (const refused of [await failure(list(arn)), await failure(add([{ Key: "x" }], arn))]) {
    expect(refused[0]).toBe(name);
    if (message !== undefined) expect(refused[1]).toBe(message);
  }
});

test("a shadow trail's tags are to be had at home only", async () => {
  const far = api.client("eu-west-1");
  const message = "Region in ARN is wrong, you can only access resources in region eu-west-1.";
  expect(await failure(far.send(new ListTagsCommand({ ResourceIdList: [ARN] })))).toEqual([
    "CloudTrailARNInvalidException",
    message,
  ]);
});

test("a list has one to twenty ARNs", async () => {
  expect((await list(...Array.from({ length: 20 }, () => ARN)))?.length).toBe(20);
  for (const count of [0, 21])
    expect((await failure(list(...Array.from({ length: count }, () => ARN))))[0]).toBe("InvalidParameterException");
});
