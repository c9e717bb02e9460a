import {
  CloudWatchLogs,
  type DescribeLogGroupsCommandOutput,
  type DescribeLogStreamsCommandOutput,
  type FilterLogEventsCommandInput,
  type GetLogEventsCommandOutput,
  type InputLogEvent,
} from "@aws-sdk/client-cloudwatch-logs";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeKeyId } from "../../aws/key-id.ts";
import { TestAccount } from "../embedded-account.test-support.ts";

const DAY = 86_400_000;
const GROUP = "/group/one";
let account: TestAccount;
let logs: CloudWatchLogs;
let groups = 0;
let group = GROUP;

function client(region = "us-east-1", accessKeyId = "test"): CloudWatchLogs {
  return new CloudWatchLogs({
    endpoint: account.url,
    region,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey: "x" },
  });
}

beforeAll(async () => {
  account = await new TestAccount().start();
  logs = client();
});
beforeEach(async () => {
  group = `${GROUP}-${(groups += 1)}`;
  await logs.createLogGroup({ logGroupName: group });
});
afterEach(() => expect(account.errors.splice(0)).toEqual([]));
afterAll(async () => await account.remove());

async function stream(name: string, events: readonly InputLogEvent[] = []): Promise<void> {
  await logs.createLogStream({ logGroupName: group, logStreamName: name });
  if (events.length > 0) await put(name, events);
}

async function put(name: string, events: readonly InputLogEvent[]) {
  return await logs.putLogEvents({ logGroupName: group, logStreamName: name, logEvents: [...events] });
}

/** Every page of FilterLogEvents. */
async function filter(input: Partial<FilterLogEventsCommandInput> = {}) {
  const pages = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.filterLogEvents({ logGroupName: group, ...input, nextToken });
    expect(page.searchedLogStreams).toEqual([]);
    pages.push(page.events ?? []);
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  return { pages, events: pages.flat() };
}

const at = (message: string, offset = 0): InputLogEvent => ({ timestamp: Date.now() + offset, message });
const error = (name: string, message: string | RegExp) => ({
  name,
  message: typeof message === "string" ? message : expect.stringMatching(message),
  $metadata: expect.objectContaining({ httpStatusCode: 400 }),
});

describe("log groups", () => {
  test("what is created is described, and a second one of that name refused", async () => {
    await logs.createLogGroup({
      logGroupName: `${group}/more`,
      tags: { a: "b" },
      kmsKeyId: "arn:aws:kms:us-east-1:000000000000:key/1",
      logGroupClass: "INFREQUENT_ACCESS",
    });
    const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: `${group}/` });
    expect(logGroups).toEqual([
      {
        logGroupName: `${group}/more`,
        creationTime: expect.any(Number),
        metricFilterCount: 0,
        arn: `arn:aws:logs:us-east-1:000000000000:log-group:${group}/more:*`,
        logGroupArn: `arn:aws:logs:us-east-1:000000000000:log-group:${group}/more`,
        storedBytes: 0,
        kmsKeyId: "arn:aws:kms:us-east-1:000000000000:key/1",
        logGroupClass: "INFREQUENT_ACCESS",
        deletionProtectionEnabled: false,
      },
    ]);
    await expect(logs.createLogGroup({ logGroupName: group })).rejects.toMatchObject(
      error("ResourceAlreadyExistsException", "The specified log group already exists"),
    );
  });

  test("pages, prefixes, patterns and classes", async () => {
    const names = Array.from({ length: 7 }, (_, index) => `${group}/page/${"abcdefg"[index]}${index % 2 === 0 ? "-Even" : ""}`);
    for (const logGroupName of [...names].reverse()) await logs.createLogGroup({ logGroupName });
    const found: (string | undefined)[] = [];
    let [pages, nextToken]: [number, string | undefined] = [0, undefined];
    do {
      const page: DescribeLogGroupsCommandOutput = await logs.describeLogGroups({
        logGroupNamePrefix: `${group}/page/`,
        limit: 3,
        nextToken,
      });
      found.push(...(page.logGroups ?? []).map(({ logGroupName }) => logGroupName));
      ({ nextToken } = page);
      pages += 1;
    } while (nextToken !== undefined);
    expect([found, pages]).toEqual([names, 3]);
    const named = async (input: object): Promise<unknown> =>
      (await logs.describeLogGroups(input)).logGroups?.map(({ logGroupName }) => logGroupName);
    expect(await named({ logGroupNamePattern: `${group.slice(3)}/page/c-E` })).toEqual([names[2]]);
    expect(await named({ logGroupNamePattern: `${group.slice(3)}/page/c-e` })).toEqual([]);
    const arn = `arn:aws:logs:us-east-1:000000000000:log-group:${names[1]}`;
    expect(await named({ logGroupIdentifiers: [names[0] ?? "", arn, "no-such-group"] })).toEqual([names[0], names[1]]);
    expect(await named({ logGroupNamePrefix: `${group}/page/`, logGroupClass: "DELIVERY" })).toEqual([]);
    await expect(named({ logGroupNamePrefix: "a", logGroupNamePattern: "b" })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    await expect(named({ nextToken: "nonsense" })).rejects.toMatchObject(
      error("InvalidParameterException", "The specified nextToken is invalid."),
    );
  });

  test.each([
    ["", "Member must have length greater than or equal to 1"],
    ["a b", "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"],
    ["a".repeat(513), "Member must have length less than or equal to 512"],
  ])("no group can be named '%s'", async (logGroupName, constraint) => {
    await expect(logs.createLogGroup({ logGroupName })).rejects.toMatchObject(
      error(
        "InvalidParameterException",
        `1 validation error detected: Value '${logGroupName}' at 'logGroupName' failed to satisfy constraint: ${constraint}`,
      ),
    );
  });

  test("retention hides what is older and refuses it when it comes", async () => {
    await stream("s", [at("old", -4 * DAY)]);
    await put("s", [at("new", -2 * DAY)]);
    await logs.putRetentionPolicy({ logGroupName: group, retentionInDays: 3 });
    expect((await logs.describeLogGroups({ logGroupNamePrefix: group })).logGroups?.[0]?.retentionInDays).toBe(3);
    expect((await filter()).events.map(({ message }) => message)).toEqual(["new"]);
    const { events } = await logs.getLogEvents({ logGroupName: group, logStreamName: "s" });
    expect(events?.map(({ message }) => message)).toEqual(["new"]);
    expect(await put("s", [at("too late", -5 * DAY)])).toMatchObject({ rejectedLogEventsInfo: { expiredLogEventEndIndex: 1 } });
    // What is hidden goes; the group's size tells.
    await expect
      .poll(async () => (await logs.describeLogGroups({ logGroupNamePrefix: group })).logGroups?.[0]?.storedBytes, {
        timeout: 5000,
      })
      .toBe("new".length + 26);
    await logs.deleteRetentionPolicy({ logGroupName: group });
    expect((await filter()).events.map(({ message }) => message)).toEqual(["new"]);
    await expect(logs.putRetentionPolicy({ logGroupName: group, retentionInDays: 2 })).rejects.toMatchObject(
      error("InvalidParameterException", /'2' at 'retentionInDays' .*enum value set/),
    );
  });

  test("a group that is deleted and made again has nothing of before", async () => {
    await stream("s", [at("before")]);
    await logs.deleteLogGroup({ logGroupName: group });
    await expect(logs.deleteLogGroup({ logGroupName: group })).rejects.toMatchObject(
      error("ResourceNotFoundException", "The specified log group does not exist."),
    );
    await logs.createLogGroup({ logGroupName: group });
    expect((await filter()).events).toEqual([]);
    await stream("s", [at("after")]);
    expect((await filter()).events.map(({ message }) => message)).toEqual(["after"]);
  });

  test("tags, by ARN and by name", async () => {
    const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${group}`;
    await logs.tagResource({ resourceArn, tags: { a: "1", b: "2" } });
    await logs.tagLogGroup({ logGroupName: group, tags: { b: "3", c: "" } });
    await logs.untagResource({ resourceArn: `${resourceArn}:*`, tagKeys: ["a", "none"] });
    expect((await logs.listTagsForResource({ resourceArn })).tags).toEqual({ b: "3", c: "" });
    await logs.untagLogGroup({ logGroupName: group, tags: ["c"] });
    expect((await logs.listTagsLogGroup({ logGroupName: group })).tags).toEqual({ b: "3" });
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, "v"]));
    await expect(logs.tagResource({ resourceArn, tags })).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(logs.listTagsForResource({ resourceArn: `${resourceArn}x` })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("other accounts and regions have their own", async () => {
    await stream("s", [at("mine")]);
    for (const other of [client("eu-west-1"), client("us-east-1", makeKeyId("AKIA", "111122223333"))]) {
      await expect(other.filterLogEvents({ logGroupName: group })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
      const identifier = `arn:aws:logs:us-east-1:000000000000:log-group:${group}`;
      await expect(other.filterLogEvents({ logGroupIdentifier: identifier })).rejects.toMatchObject({
        name: "ResourceNotFoundException",
      });
      other.destroy();
    }
  });
});

describe("log streams", () => {
  test("by name and by time, in both directions, in pages", async () => {
    await stream("b", [at("1", -3000)]);
    await stream("a", [at("2", -1000)]);
    await stream("c", [at("3", -2000)]);
    await stream("d");
    const list = async (input: object): Promise<string> => {
      let [names, nextToken]: [string, string | undefined] = ["", undefined];
      do {
        const page: DescribeLogStreamsCommandOutput = await logs.describeLogStreams({
          logGroupName: group,
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
      error("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."),
    );
  });

  test("what is told of one, and its end", async () => {
    const [first, last] = [at("first", -10), at("last", 10)];
    await stream("[$LATEST]1", [first, last]);
    const { logStreams } = await logs.describeLogStreams({ logGroupName: group });
    expect(logStreams).toEqual([
      {
        logStreamName: "[$LATEST]1",
        creationTime: expect.any(Number),
        firstEventTimestamp: first.timestamp,
        lastEventTimestamp: last.timestamp,
        lastIngestionTime: expect.any(Number),
        uploadSequenceToken: expect.stringMatching(/^\d{56}$/),
        arn: `arn:aws:logs:us-east-1:000000000000:log-group:${group}:log-stream:[$LATEST]1`,
        storedBytes: 0,
      },
    ]);
    await expect(stream("[$LATEST]1")).rejects.toMatchObject(
      error("ResourceAlreadyExistsException", "The specified log stream already exists"),
    );
    await expect(stream("a:b")).rejects.toMatchObject({ name: "InvalidParameterException" });
    await logs.deleteLogStream({ logGroupName: group, logStreamName: "[$LATEST]1" });
    expect((await filter()).events).toEqual([]);
    await expect(logs.getLogEvents({ logGroupName: group, logStreamName: "[$LATEST]1" })).rejects.toMatchObject(
      error("ResourceNotFoundException", "The specified log stream does not exist."),
    );
    await expect
      .poll(async () => (await logs.describeLogGroups({ logGroupNamePrefix: group })).logGroups?.[0]?.storedBytes, {
        timeout: 5000,
      })
      .toBe(0);
  });
});

describe("PutLogEvents", () => {
  test("what was confirmed is there after a restart, as it was sent", async () => {
    const messages = ["plain", '{"a":1}', "ü😀", "line\nline", "nul\u0000nul", "\u2028"];
    await stream(
      "s",
      messages.map((message) => at(message)),
    );
    await account.restart();
    logs = client();
    const { events } = await logs.getLogEvents({ logGroupName: group, logStreamName: "s" });
    expect(events?.map(({ message }) => message)).toEqual(messages);
    const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: group });
    expect(logGroups?.[0]?.storedBytes).toBe(messages.reduce((sum, message) => sum + Buffer.byteLength(message) + 26, 0));
  });

  test("10,000 events in one call, and what is too many or too much", async () => {
    await stream("s");
    const events = Array.from({ length: 10_000 }, (_, index) => at(`event ${index}`));
    expect((await put("s", events)).rejectedLogEventsInfo).toBeUndefined();
    expect((await filter({ limit: 4000 })).pages.map((page) => page.length)).toEqual([4000, 4000, 2000]);
    await expect(put("s", [...events, at("one more")])).rejects.toMatchObject(
      error("InvalidParameterException", /'logEvents' .*length less than or equal to 10000/),
    );
    await expect(put("s", [at("x".repeat(600_000)), at("x".repeat(600_000))])).rejects.toMatchObject(
      error("InvalidParameterException", "Upload too large: 1200052 bytes exceeds limit of 1048576"),
    );
    await put("s", [at("x".repeat(1_048_550))]);
    await expect(put("s", [])).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  test("order and span", async () => {
    await stream("s");
    await expect(put("s", [at("b", 10), at("a", 0)])).rejects.toMatchObject(
      error("InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order."),
    );
    await expect(put("s", [at("a", -DAY - 60_000), at("b")])).rejects.toMatchObject(
      error("InvalidParameterException", /cannot span more than 24 hours/),
    );
    expect((await filter()).events).toEqual([]);
  });

  test("what is too old or too new is told of, the rest kept", async () => {
    await stream("s");
    const answer = await put("s", [at("a", -20 * DAY), at("b", -15 * DAY), at("c"), at("d"), at("e", 3 * 3_600_000)]);
    expect(answer).toMatchObject({
      nextSequenceToken: expect.stringMatching(/^\d{56}$/),
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 2, tooNewLogEventStartIndex: 4 },
    });
    expect((await filter()).events.map(({ message }) => message)).toEqual(["c", "d"]);
  });

  test("any sequence token is taken", async () => {
    await stream("s");
    const logEvents = [at("a")];
    const answer = await logs.putLogEvents({ logGroupName: group, logStreamName: "s", logEvents, sequenceToken: "nonsense" });
    expect(answer.nextSequenceToken).toMatch(/^\d{56}$/);
    await expect(put("none", [at("a")])).rejects.toMatchObject(
      error("ResourceNotFoundException", "The specified log stream does not exist."),
    );
  });
});

describe("GetLogEvents", () => {
  const messages = (answer: GetLogEventsCommandOutput): string => (answer.events ?? []).map(({ message }) => message).join("");
  const base = Date.now() - 60_000;
  const seven = [..."abcdefg"].map((message, index) => ({ timestamp: base + index, message }));

  test("the newest first, then backward to an end that stays, and forward again", async () => {
    await stream("s", seven);
    const get = async (input: object = {}) =>
      await logs.getLogEvents({ logGroupName: group, logStreamName: "s", limit: 3, ...input });
    const newest = await get();
    expect(messages(newest)).toBe("efg");
    const middle = await get({ nextToken: newest.nextBackwardToken });
    expect(messages(middle)).toBe("bcd");
    const oldest = await get({ nextToken: middle.nextBackwardToken });
    expect(messages(oldest)).toBe("a");
    const before = await get({ nextToken: oldest.nextBackwardToken });
    expect([messages(before), before.nextBackwardToken]).toEqual(["", oldest.nextBackwardToken]);
    expect(messages(await get({ nextToken: before.nextForwardToken }))).toBe("abc");

    const end = await get({ nextToken: newest.nextForwardToken });
    expect([messages(end), end.nextForwardToken]).toEqual(["", newest.nextForwardToken]);
    expect(messages(await get({ nextToken: end.nextBackwardToken }))).toBe("efg");
    await put("s", [at("h")]);
    expect(messages(await get({ nextToken: end.nextForwardToken }))).toBe("h");
  });

  test("from the head, between times: the first included, the last not", async () => {
    await stream("s", seven);
    const input = { logGroupName: group, logStreamName: "s", startTime: base + 1, endTime: base + 5 };
    expect(messages(await logs.getLogEvents(input))).toBe("bcde");
    const first = await logs.getLogEvents({ ...input, startFromHead: true, limit: 3 });
    expect(messages(first)).toBe("bcd");
    const second = await logs.getLogEvents({ ...input, nextToken: first.nextForwardToken });
    expect(messages(second)).toBe("e");
    const third = await logs.getLogEvents({ ...input, nextToken: second.nextForwardToken });
    expect([messages(third), third.nextForwardToken]).toEqual(["", second.nextForwardToken]);
  });

  test("an empty stream has tokens, and the forward one finds what comes", async () => {
    await stream("s");
    const none = await logs.getLogEvents({ logGroupName: group, logStreamName: "s" });
    expect(none).toMatchObject({ events: [], nextForwardToken: expect.stringMatching(/^f\/\d{56}\/s$/) });
    await put("s", [at("a")]);
    const some = await logs.getLogEvents({ logGroupName: group, logStreamName: "s", nextToken: none.nextForwardToken });
    expect(messages(some)).toBe("a");
    await expect(logs.getLogEvents({ logGroupName: group, logStreamName: "s", nextToken: "f/1/s" })).rejects.toMatchObject(
      error("InvalidParameterException", "The specified nextToken is invalid."),
    );
  });

  test("a page holds a mebibyte", async () => {
    await stream("s");
    for (let index = 0; index < 3; index += 1) await put("s", [at(String(index).repeat(500_000))]);
    const page = await logs.getLogEvents({ logGroupName: group, logStreamName: "s", startFromHead: true });
    expect(page.events).toHaveLength(2);
    expect((await filter()).pages.map((events) => events.length)).toEqual([2, 1]);
  });
});

describe("FilterLogEvents", () => {
  const base = Date.now() - 60_000;

  test("all streams by time, with ids and names; some of them; between times, both included", async () => {
    await stream(
      "a/1",
      [0, 2, 4].map((offset) => ({ timestamp: base + offset, message: `a${offset}` })),
    );
    await stream(
      "a/2",
      [1, 2, 5].map((offset) => ({ timestamp: base + offset, message: `b${offset}` })),
    );
    await stream(
      "c",
      [3].map((offset) => ({ timestamp: base + offset, message: `c${offset}` })),
    );
    const found = async (input: Partial<FilterLogEventsCommandInput>): Promise<string> =>
      (await filter(input)).events.map(({ message }) => message).join(" ");
    const { events } = await filter();
    expect(events[0]).toEqual({
      logStreamName: "a/1",
      timestamp: base,
      message: "a0",
      ingestionTime: expect.any(Number),
      eventId: expect.stringMatching(/^\d{56}$/),
    });
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(7);
    expect(await found({})).toBe("a0 b1 a2 b2 c3 a4 b5");
    expect(await found({ limit: 2, interleaved: true })).toBe("a0 b1 a2 b2 c3 a4 b5");
    expect(await found({ startFromHead: false, limit: 2 })).toBe("b5 a4 c3 b2 a2 b1 a0");
    expect(await found({ logStreamNames: ["c"] })).toBe("c3");
    expect(await found({ logStreamNames: ["c", "a/2"] })).toBe("b1 b2 c3 b5");
    expect(await found({ logStreamNamePrefix: "a/" })).toBe("a0 b1 a2 b2 a4 b5");
    expect(await found({ logStreamNamePrefix: "z" })).toBe("");
    expect(await found({ startTime: base + 2, endTime: base + 4 })).toBe("a2 b2 c3 a4");
    expect(await found({ filterPattern: "%^[ab]2%" })).toBe("a2 b2");
    const identifier = `arn:aws:logs:us-east-1:000000000000:log-group:${group}`;
    expect(await found({ logGroupName: undefined, logGroupIdentifier: identifier, limit: 3 })).toBe("a0 b1 a2 b2 c3 a4 b5");
    for (const input of [
      { logStreamNames: ["c"], logStreamNamePrefix: "c" },
      { logGroupIdentifier: identifier },
      { startTime: 2, endTime: 1 },
      { startFromHead: false, startTime: 0 },
      { limit: 10_001 },
      { filterPattern: "a".repeat(1025) },
      { nextToken: "W10" },
    ]) {
      await expect(logs.filterLogEvents({ logGroupName: group, ...input })).rejects.toMatchObject({
        name: "InvalidParameterException",
      });
    }
    await expect(found({ logStreamNames: ["none"] })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("pages of any size show each event that matches once, in order", async () => {
    const streams = ["s0", "s1", "s2"];
    const all: { timestamp: number; message: string; name: string }[] = [];
    for (const [index, name] of streams.entries()) {
      const events = Array.from({ length: 40 }, (_, n) => ({
        timestamp: base + ((n * 7 + index) >> 2),
        message: `${name} ${n % 3} ${n}`,
      }));
      await stream(name, events);
      all.push(...events.map((event) => ({ ...event, name })));
    }
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          limit: fc.integer({ min: 1, max: 50 }),
          logStreamNames: fc.option(fc.subarray(streams, { minLength: 1 }), { nil: undefined }),
          startTime: fc.integer({ min: base - 5, max: base + 80 }),
          length: fc.integer({ min: 0, max: 80 }),
          digit: fc.constantFrom("0", "1", "2"),
        }),
        async ({ limit, logStreamNames, startTime, length, digit }) => {
          const endTime = startTime + length;
          const { events, pages } = await filter({
            limit,
            logStreamNames,
            startTime,
            endTime,
            filterPattern: `[s, d=${digit}, n]`,
          });
          const expected = all.filter(
            ({ timestamp, message, name }) =>
              timestamp >= startTime &&
              timestamp <= endTime &&
              message.split(" ")[1] === digit &&
              (logStreamNames === undefined || logStreamNames.includes(name)),
          );
          expect(events.map(({ message }) => message).toSorted()).toEqual(expected.map(({ message }) => message).toSorted());
          const times = events.map(({ timestamp }) => timestamp ?? 0);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
          for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a search that finds nothing ends its page after bounded work, and goes on", async () => {
    await stream("s");
    // 36 MB: more than one page looks at.
    const large = "x".repeat(1_000_000);
    for (let index = 0; index < 36; index += 1) await put("s", [at(large)]);
    await put("s", [at("needle")]);
    const { pages, events } = await filter({ filterPattern: "needle" });
    expect(events.map(({ message }) => message)).toEqual(["needle"]);
    expect(pages.length).toBeGreaterThan(1);
  });
});

describe("TestMetricFilter", () => {
  test("numbers of the messages that match, and what is extracted", async () => {
    const logEventMessages = ['{"a":{"b":[7]},"c":"x"}', '{"a":1}', '{"a":{"b":[8]},"c":"xy"}'];
    const { matches } = await logs.testMetricFilter({ filterPattern: '{ $.a.b[0] >= 7 && $.c = "x*" }', logEventMessages });
    expect(matches).toEqual([
      { eventNumber: 1, eventMessage: logEventMessages[0], extractedValues: { "$.a.b[0]": "7", "$.c": "x" } },
      { eventNumber: 3, eventMessage: logEventMessages[2], extractedValues: { "$.a.b[0]": "8", "$.c": "xy" } },
    ]);
    await expect(logs.testMetricFilter({ filterPattern: "{", logEventMessages })).rejects.toMatchObject(
      error("InvalidParameterException", "Invalid metric filter pattern"),
    );
  });
});

describe("what no client sends", () => {
  async function raw(body: string, target = "PutLogEvents"): Promise<string> {
    const answer = await fetch(account.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `Logs_20140328.${target}`,
        authorization: "AWS4-HMAC-SHA256 Credential=test/20260302/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=00",
      },
      body,
    });
    return `${answer.status} ${await answer.text()}`;
  }

  test.each([
    ["", /^400 .*InvalidParameterException.*'logEvents'.*must not be null/],
    ["{", /^400 .*SerializationException/],
    ["[]", /^400 .*SerializationException/],
    ['{"logEvents":{}}', /^400 .*SerializationException/],
    ['{"logEvents":[1]}', /^400 .*SerializationException/],
    ['{"logEvents":[{"timestamp":"1","message":"a"}]}', /^400 .*SerializationException/],
    ['{"logEvents":[{"timestamp":1e300,"message":"a"}]}', /^400 .*SerializationException/],
    ['{"logEvents":[{"timestamp":-1,"message":"a"}]}', /^400 .*'logEvents.1.member.timestamp'/],
    ['{"logEvents":[{"timestamp":1,"message":""}]}', /^400 .*'logEvents.1.member.message'/],
    ['{"logEvents":[{"message":"a"}]}', /^400 .*Value null at 'logEvents.1.member.timestamp'/],
    ['{"logEvents":[{"timestamp":1,"message":"a"}],"logGroupName":7}', /^400 .*SerializationException/],
    ['{"logEvents":[{"timestamp":1,"message":"a"}]}', /^400 .*Value null at 'logGroupName'/],
    ['{"__proto__":{"logGroupName":"x"},"logEvents":[{"timestamp":1,"message":"a"}]}', /^400 .*Value null at 'logGroupName'/],
  ])("%s", async (body, answer) => {
    expect(await raw(body)).toMatch(answer);
  });

  test("any members of any types are refused or answered, never failed at", async () => {
    const names = [
      "logGroupName",
      "logStreamName",
      "logEvents",
      "limit",
      "nextToken",
      "tags",
      "filterPattern",
      "startTime",
      "resourceArn",
    ];
    const values = fc.oneof(fc.jsonValue(), fc.constant(group), fc.constant(["s"]));
    const targets = ["CreateLogGroup", "CreateLogStream", "PutLogEvents", "FilterLogEvents", "GetLogEvents", "DescribeLogGroups"];
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), values), fc.constantFrom(...targets), async (body, target) => {
        expect(await raw(JSON.stringify(body), target)).toMatch(/^(?:200|400) /);
      }),
      { numRuns: 300 },
    );
  });

  test("a body larger than any call", async () => {
    expect(await raw(" ".repeat(8 * 1024 * 1024 + 1))).toMatch(/^413 /);
  });
});
