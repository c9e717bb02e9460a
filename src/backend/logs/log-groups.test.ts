import type { DescribeLogGroupsCommandOutput, DescribeLogStreamsCommandOutput } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeKeyId } from "../../aws/key-id.ts";
import { at, LogsLab, refusal } from "./logs-lab.test-support.ts";

const DAY = 86_400_000;
const lab = new LogsLab();
beforeAll(async () => await lab.start());
beforeEach(async () => await lab.nextGroup());
afterEach(() => expect(lab.account.errors.splice(0)).toEqual([]));
afterAll(async () => await lab.account.remove());

describe("log groups", () => {
  test("what is created is described, and a second one of that name refused", async () => {
    await lab.logs.createLogGroup({
      logGroupName: `${lab.group}/more`,
      tags: { a: "b" },
      kmsKeyId: "arn:aws:kms:us-east-1:000000000000:key/1",
      logGroupClass: "INFREQUENT_ACCESS",
    });
    const { logGroups } = await lab.logs.describeLogGroups({ logGroupNamePrefix: `${lab.group}/` });
    expect(logGroups).toEqual([
      {
        logGroupName: `${lab.group}/more`,
        creationTime: expect.any(Number),
        metricFilterCount: 0,
        arn: `arn:aws:logs:us-east-1:000000000000:log-group:${lab.group}/more:*`,
        logGroupArn: `arn:aws:logs:us-east-1:000000000000:log-group:${lab.group}/more`,
        storedBytes: 0,
        kmsKeyId: "arn:aws:kms:us-east-1:000000000000:key/1",
        logGroupClass: "INFREQUENT_ACCESS",
        deletionProtectionEnabled: false,
      },
    ]);
    await expect(lab.logs.createLogGroup({ logGroupName: lab.group })).rejects.toMatchObject(
      refusal("ResourceAlreadyExistsException", "The specified log group already exists"),
    );
  });

  test("pages, prefixes, patterns and classes", async () => {
    const names = Array.from(
      { length: 7 },
      (_, index) => `${lab.group}/page/${"abcdefg"[index]}${index % 2 === 0 ? "-Even" : ""}`,
    );
    for (const logGroupName of [...names].reverse()) await lab.logs.createLogGroup({ logGroupName });
    const found: (string | undefined)[] = [];
    let [pages, nextToken]: [number, string | undefined] = [0, undefined];
    do {
      const page: DescribeLogGroupsCommandOutput = await lab.logs.describeLogGroups({
        logGroupNamePrefix: `${lab.group}/page/`,
        limit: 3,
        nextToken,
      });
      found.push(...(page.logGroups ?? []).map(({ logGroupName }) => logGroupName));
      ({ nextToken } = page);
      pages += 1;
    } while (nextToken !== undefined);
    expect([found, pages]).toEqual([names, 3]);
    const named = async (input: object): Promise<unknown> =>
      (await lab.logs.describeLogGroups(input)).logGroups?.map(({ logGroupName }) => logGroupName);
    expect(await named({ logGroupNamePattern: `${lab.group.slice(3)}/page/c-E` })).toEqual([names[2]]);
    expect(await named({ logGroupNamePattern: `${lab.group.slice(3)}/page/c-e` })).toEqual([]);
    const arn = `arn:aws:logs:us-east-1:000000000000:log-group:${names[1]}`;
    expect(await named({ logGroupIdentifiers: [names[0] ?? "", arn, "no-such-lab.group"] })).toEqual([names[0], names[1]]);
    expect(await named({ logGroupNamePrefix: `${lab.group}/page/`, logGroupClass: "DELIVERY" })).toEqual([]);
    await expect(named({ logGroupNamePrefix: "a", logGroupNamePattern: "b" })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    await expect(named({ nextToken: "nonsense" })).rejects.toMatchObject(
      refusal("InvalidParameterException", "The specified nextToken is invalid."),
    );
  });

  test.each([
    ["", "Member must have length greater than or equal to 1"],
    ["a b", "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"],
    ["a".repeat(513), "Member must have length less than or equal to 512"],
  ])("no group can be named '%s'", async (logGroupName, constraint) => {
    await expect(lab.logs.createLogGroup({ logGroupName })).rejects.toMatchObject(
      refusal(
        "InvalidParameterException",
        `1 validation error detected: Value '${logGroupName}' at 'logGroupName' failed to satisfy constraint: ${constraint}`,
      ),
    );
  });

  test("retention hides what is older and refuses it when it comes", async () => {
    await lab.stream("s", [at("old", -4 * DAY)]);
    await lab.put("s", [at("new", -2 * DAY)]);
    await lab.logs.putRetentionPolicy({ logGroupName: lab.group, retentionInDays: 3 });
    expect((await lab.logs.describeLogGroups({ logGroupNamePrefix: lab.group })).logGroups?.[0]?.retentionInDays).toBe(3);
    expect((await lab.filter()).events.map(({ message }) => message)).toEqual(["new"]);
    const { events } = await lab.logs.getLogEvents({ logGroupName: lab.group, logStreamName: "s" });
    expect(events?.map(({ message }) => message)).toEqual(["new"]);
    expect(await lab.put("s", [at("too late", -5 * DAY)])).toMatchObject({
      rejectedLogEventsInfo: { expiredLogEventEndIndex: 1 },
    });
    // What is hidden goes; the group's size tells.
    await expect
      .poll(async () => (await lab.logs.describeLogGroups({ logGroupNamePrefix: lab.group })).logGroups?.[0]?.storedBytes, {
        timeout: 5000,
      })
      .toBe("new".length + 26);
    await lab.logs.deleteRetentionPolicy({ logGroupName: lab.group });
    expect((await lab.filter()).events.map(({ message }) => message)).toEqual(["new"]);
    await expect(lab.logs.putRetentionPolicy({ logGroupName: lab.group, retentionInDays: 2 })).rejects.toMatchObject(
      refusal("InvalidParameterException", /'2' at 'retentionInDays' .*enum value set/),
    );
  });

  test("a group that is deleted and made again has nothing of before", async () => {
    await lab.stream("s", [at("before")]);
    await lab.logs.deleteLogGroup({ logGroupName: lab.group });
    await expect(lab.logs.deleteLogGroup({ logGroupName: lab.group })).rejects.toMatchObject(
      refusal("ResourceNotFoundException", "The specified log group does not exist."),
    );
    await lab.logs.createLogGroup({ logGroupName: lab.group });
    expect((await lab.filter()).events).toEqual([]);
    await lab.stream("s", [at("after")]);
    expect((await lab.filter()).events.map(({ message }) => message)).toEqual(["after"]);
  });

  test("tags, by ARN and by name", async () => {
    const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${lab.group}`;
    await lab.logs.tagResource({ resourceArn, tags: { a: "1", b: "2" } });
    await lab.logs.tagLogGroup({ logGroupName: lab.group, tags: { b: "3", c: "" } });
    await lab.logs.untagResource({ resourceArn: `${resourceArn}:*`, tagKeys: ["a", "none"] });
    expect((await lab.logs.listTagsForResource({ resourceArn })).tags).toEqual({ b: "3", c: "" });
    await lab.logs.untagLogGroup({ logGroupName: lab.group, tags: ["c"] });
    expect((await lab.logs.listTagsLogGroup({ logGroupName: lab.group })).tags).toEqual({ b: "3" });
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, "v"]));
    await expect(lab.logs.tagResource({ resourceArn, tags })).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(lab.logs.listTagsForResource({ resourceArn: `${resourceArn}x` })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("other accounts and regions have their own", async () => {
    await lab.stream("s", [at("mine")]);
    for (const other of [lab.client("eu-west-1"), lab.client("us-east-1", makeKeyId("AKIA", "111122223333"))]) {
      await expect(other.filterLogEvents({ logGroupName: lab.group })).rejects.toMatchObject({
        name: "ResourceNotFoundException",
      });
      const identifier = `arn:aws:logs:us-east-1:000000000000:log-group:${lab.group}`;
      await expect(other.filterLogEvents({ logGroupIdentifier: identifier })).rejects.toMatchObject({
        name: "ResourceNotFoundException",
      });
      other.destroy();
    }
  });
});

describe("log streams", () => {
  test("by name and by time, in both directions, in pages", async () => {
    await lab.stream("b", [at("1", -3000)]);
    await lab.stream("a", [at("2", -1000)]);
    await lab.stream("c", [at("3", -2000)]);
    await lab.stream("d");
    const list = async (input: object): Promise<string> => {
      let [names, nextToken]: [string, string | undefined] = ["", undefined];
      do {
        const page: DescribeLogStreamsCommandOutput = await lab.logs.describeLogStreams({
          logGroupName: lab.group,
          limit: 1,
          nextToken,
          ...input,
        });
        names += (page.logStreams ?? []).map(({ logStreamName }) => logStreamName).join("");
        ({ nextToken } = page);
      } while (nextToken !== undefined);
      return names;
    };
    expect(await list({})).toBe("abcd");
    expect(await list({ descending: true })).toBe("dcba");
    expect(await list({ orderBy: "LastEventTime" })).toBe("dbca");
    expect(await list({ orderBy: "LastEventTime", descending: true })).toBe("acbd");
    expect(await list({ logStreamNamePrefix: "c" })).toBe("c");
    await expect(list({ orderBy: "LastEventTime", logStreamNamePrefix: "c" })).rejects.toMatchObject(
      refusal("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."),
    );
  });

  test("what is told of one, and its end", async () => {
    const [first, last] = [at("first", -10), at("last", 10)];
    await lab.stream("[$LATEST]1", [first, last]);
    const { logStreams } = await lab.logs.describeLogStreams({ logGroupName: lab.group });
    expect(logStreams).toEqual([
      {
        logStreamName: "[$LATEST]1",
        creationTime: expect.any(Number),
        firstEventTimestamp: first.timestamp,
        lastEventTimestamp: last.timestamp,
        lastIngestionTime: expect.any(Number),
        uploadSequenceToken: expect.stringMatching(/^\d{56}$/),
        arn: `arn:aws:logs:us-east-1:000000000000:log-group:${lab.group}:log-stream:[$LATEST]1`,
        storedBytes: 0,
      },
    ]);
    await expect(lab.stream("[$LATEST]1")).rejects.toMatchObject(
      refusal("ResourceAlreadyExistsException", "The specified log stream already exists"),
    );
    await expect(lab.stream("a:b")).rejects.toMatchObject({ name: "InvalidParameterException" });
    await lab.logs.deleteLogStream({ logGroupName: lab.group, logStreamName: "[$LATEST]1" });
    expect((await lab.filter()).events).toEqual([]);
    await expect(lab.logs.getLogEvents({ logGroupName: lab.group, logStreamName: "[$LATEST]1" })).rejects.toMatchObject(
      refusal("ResourceNotFoundException", "The specified log stream does not exist."),
    );
    await expect
      .poll(async () => (await lab.logs.describeLogGroups({ logGroupNamePrefix: lab.group })).logGroups?.[0]?.storedBytes, {
        timeout: 5000,
      })
      .toBe(0);
  });
});
