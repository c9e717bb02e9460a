import { LookupEventsCommand, paginateLookupEvents, type LookupEventsCommandInput } from "@aws-sdk/client-cloudtrail";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { entryOf, indexOf, TODAY } from "../../readers/history/history.test-support.ts";
import { ATTRIBUTE_KEYS } from "../../readers/history/attribute.ts";
import { ACCOUNT, failure, OTHER_ACCOUNT, serveApi, type ServedApi } from "./api.test-support.ts";

let api: ServedApi;
beforeEach(async () => {
  api = await serveApi();
});
afterEach(() => api.close());

async function ids(input: LookupEventsCommandInput, region?: string, account?: string): Promise<readonly (string | undefined)[]> {
  const { Events = [] } = await api.client(region, account).send(new LookupEventsCommand(input));
  return Events.map((event) => event.EventId);
}

const id = (position: number): string => indexOf(position).eventId;

test("shows events in AWS's shape", async () => {
  const resources = [{ type: "AWS::IAM::Role", name: "deploy" }, { name: "arn:aws:kms:us-east-1:111122223333:key/1" }];
  await api.history.read([
    entryOf(
      1,
      { username: "alice", accessKeyId: "AKIA1", resources, readOnly: false, name: "CreateRole", source: "iam.amazonaws.com" },
      "é",
    ),
    entryOf(2),
  ]);
  const { Events, NextToken } = await api.client().send(new LookupEventsCommand({}));
  expect(NextToken).toBeUndefined();
  expect(Events).toEqual([
    {
      EventId: id(2),
      EventName: "ListBuckets",
      ReadOnly: "true",
      EventTime: new Date((TODAY - 3600 + 2) * 1000),
      EventSource: "s3.amazonaws.com",
      Resources: [],
      CloudTrailEvent: Buffer.from(entryOf(2).body).toString(),
    },
    {
      EventId: id(1),
      EventName: "CreateRole",
      ReadOnly: "false",
      AccessKeyId: "AKIA1",
      EventTime: new Date((TODAY - 3600 + 1) * 1000),
      EventSource: "iam.amazonaws.com",
      Username: "alice",
      Resources: [
        { ResourceType: "AWS::IAM::Role", ResourceName: "deploy" },
        { ResourceName: "arn:aws:kms:us-east-1:111122223333:key/1" },
      ],
      CloudTrailEvent: JSON.stringify({ eventID: id(1), eventName: "CreateRole", note: "é" }),
    },
  ]);
});

test("finds by each of the eight attributes", async () => {
  const found = entryOf(1, {
    name: "PutObject",
    readOnly: false,
    username: "alice",
    accessKeyId: "AKIA1",
    source: "kms.amazonaws.com",
    resources: [{ type: "AWS::S3::Bucket", name: "my-bucket" }],
  });
  await api.history.read([found, entryOf(2)]);
  const values = [id(1), "PutObject", "false", "alice", "AWS::S3::Bucket", "my-bucket", "kms.amazonaws.com", "AKIA1"];
  for (const [at, AttributeKey] of ATTRIBUTE_KEYS.entries()) {
    const AttributeValue = values[at];
    expect(await ids({ LookupAttributes: [{ AttributeKey, AttributeValue }] })).toEqual([id(1)]);
    expect(await ids({ LookupAttributes: [{ AttributeKey, AttributeValue: `${AttributeValue}x` }] })).toEqual([]);
    if (AttributeKey !== "EventId") {
      expect(await ids({ LookupAttributes: [{ AttributeKey, AttributeValue: AttributeValue?.slice(0, -1) }] })).toEqual([]);
    }
  }
});

test("keeps accounts, Regions and categories apart", async () => {
  await api.history.read([
    entryOf(1),
    entryOf(2, { account: OTHER_ACCOUNT }),
    entryOf(3, { region: "eu-west-1" }),
    entryOf(4, { category: "Insight" }),
    entryOf(5, { category: "Data" }),
    entryOf(6, { category: "NetworkActivity" }),
  ]);
  expect(await ids({})).toEqual([id(1)]);
  expect(await ids({}, "us-east-1", OTHER_ACCOUNT)).toEqual([id(2)]);
  expect(await ids({}, "eu-west-1")).toEqual([id(3)]);
  expect(await ids({ EventCategory: "insight" })).toEqual([id(4)]);
  expect(await ids({}, "eu-west-1", OTHER_ACCOUNT)).toEqual([]);
});

test("times are inclusive on both ends; a fraction of a second leaves no event out", async () => {
  await api.history.read([1, 2, 3, 4].map((position) => entryOf(position, { time: TODAY + position })));
  const at = (seconds: number): Date => new Date((TODAY + seconds) * 1000);
  expect(await ids({ StartTime: at(2), EndTime: at(3) })).toEqual([id(3), id(2)]);
  expect(await ids({ StartTime: at(3.7) })).toEqual([id(4), id(3)]);
  expect(await ids({ EndTime: at(1.9) })).toEqual([id(1)]);
  expect(await ids({ StartTime: at(3), EndTime: at(3) })).toEqual([id(3)]);
});

test("pages by 50 unless told otherwise, through the SDK's paginator", async () => {
  await api.history.read(Array.from({ length: 120 }, (_, at) => entryOf(at + 1)));
  const sizes = async (input: LookupEventsCommandInput): Promise<number[]> => {
    const pages: number[] = [];
    for await (const page of paginateLookupEvents({ client: api.client() }, input)) pages.push(page.Events?.length ?? 0);
    return pages;
  };
  expect(await sizes({})).toEqual([50, 50, 20]);
  expect(await sizes({ MaxResults: 40 })).toEqual([40, 40, 40]);
});

describe("refuses", () => {
  const attribute = (AttributeKey: string, AttributeValue: string): LookupEventsCommandInput => ({
    LookupAttributes: [{ AttributeKey: AttributeKey as "EventName", AttributeValue }],
  });

  test.each<[string, LookupEventsCommandInput, string]>([
    [
      "two attributes",
      { LookupAttributes: [...attribute("EventName", "a").LookupAttributes!, ...attribute("EventId", "a").LookupAttributes!] },
      "InvalidLookupAttributesException",
    ],
    ["an unknown key", attribute("ErrorCode", "x"), "InvalidLookupAttributesException"],
    ["a key in other case", attribute("eventName", "x"), "InvalidLookupAttributesException"],
    ["no key", { LookupAttributes: [{ AttributeKey: undefined, AttributeValue: "x" }] }, "InvalidLookupAttributesException"],
    ["no value", attribute("EventName", ""), "InvalidLookupAttributesException"],
    ["a long value", attribute("EventName", "x".repeat(2001)), "InvalidLookupAttributesException"],
    ["characters that count double", attribute("EventName", "_ ,\n".repeat(251)), "InvalidLookupAttributesException"],
    [
      "a management key for insights",
      { ...attribute("Username", "x"), EventCategory: "insight" },
      "InvalidLookupAttributesException",
    ],
    ["another category", { EventCategory: "management" as "insight" }, "InvalidEventCategoryException"],
    ["start after end", { StartTime: new Date(2000), EndTime: new Date(1000) }, "InvalidTimeRangeException"],
    ["a time before time", { StartTime: new Date(-1000) }, "InvalidTimeRangeException"],
    ["no results", { MaxResults: 0 }, "InvalidMaxResultsException"],
    ["negative results", { MaxResults: -1 }, "InvalidMaxResultsException"],
    ["too many results", { MaxResults: 51 }, "InvalidMaxResultsException"],
    ["a made-up token", { NextToken: "abc" }, "InvalidNextTokenException"],
    ["an empty token", { NextToken: "" }, "InvalidNextTokenException"],
  ])("%s", async (_, input, name) => {
    expect((await failure(api.client().send(new LookupEventsCommand(input))))[0]).toBe(name);
  });

  test("a token with other parameters, or from elsewhere", async () => {
    await api.history.read(Array.from({ length: 9 }, (_, at) => entryOf(at + 1)));
    const input = { ...attribute("ReadOnly", "true"), MaxResults: 4 };
    const { NextToken } = await api.client().send(new LookupEventsCommand(input));
    const lookup = async (change: LookupEventsCommandInput, region?: string, account?: string): Promise<string> =>
      (await failure(api.client(region, account).send(new LookupEventsCommand({ ...input, NextToken, ...change }))))[0];
    expect(await lookup({})).toBe("");
    for (const change of [
      attribute("ReadOnly", "false"),
      { LookupAttributes: [] },
      { StartTime: new Date(0) },
      { EventCategory: "insight" as const, LookupAttributes: [] },
    ]) {
      expect(await lookup(change)).toBe("InvalidNextTokenException");
    }
    expect(await lookup({}, "eu-west-1")).toBe("InvalidNextTokenException");
    expect(await lookup({}, "us-east-1", OTHER_ACCOUNT)).toBe("InvalidNextTokenException");
  });

  test("values of exactly 2,000", async () => {
    expect(await ids(attribute("EventName", "_".repeat(1000)))).toEqual([]);
    expect(await ids(attribute("EventName", "x".repeat(2000)))).toEqual([]);
  });
});

test("throttles on request, for each account and Region, with AWS's words", async () => {
  const limited = await serveApi({ lookupRateLimit: true });
  try {
    const lookup = async (region?: string, account?: string): Promise<readonly string[]> =>
      await failure(limited.client(region, account).send(new LookupEventsCommand({})));
    const throttled = ["ThrottlingException", "Rate exceeded"];
    expect([await lookup(), await lookup(), await lookup()]).toEqual([["", ""], ["", ""], throttled]);
    expect(await lookup("eu-west-1")).toEqual(["", ""]);
    expect(await lookup("us-east-1", OTHER_ACCOUNT)).toEqual(["", ""]);
    limited.now += 500;
    expect([await lookup(), await lookup()]).toEqual([["", ""], throttled]);
    limited.now += 60_000;
    expect([await lookup(), await lookup(), await lookup()]).toEqual([["", ""], ["", ""], throttled]);
  } finally {
    await limited.close();
  }
});

test("an account without events", async () => {
  expect(await ids({}, "us-east-1", ACCOUNT)).toEqual([]);
});
