import type { FilterLogEventsCommandInput, GetLogEventsCommandOutput } from "@aws-sdk/client-cloudwatch-logs";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { at, LogsLab, refusal } from "./logs-lab.test-support.ts";

const DAY = 86_400_000;
const lab = new LogsLab();
beforeAll(async () => await lab.start());
beforeEach(async () => await lab.nextGroup());
afterEach(() => expect(lab.account.errors.splice(0)).toEqual([]));
afterAll(async () => await lab.account.remove());

describe("PutLogEvents", () => {
  test("what was confirmed is there after a restart, as it was sent", async () => {
    const messages = ["plain", '{"a":1}', "ü😀", "line\nline", "nul\u0000nul", "\u2028"];
    await lab.stream(
      "s",
      messages.map((message) => at(message)),
    );
    await lab.account.restart();
    lab.logs = lab.client();
    const { events } = await lab.logs.getLogEvents({ logGroupName: lab.group, logStreamName: "s" });
    expect(events?.map(({ message }) => message)).toEqual(messages);
    const { logGroups } = await lab.logs.describeLogGroups({ logGroupNamePrefix: lab.group });
    expect(logGroups?.[0]?.storedBytes).toBe(messages.reduce((sum, message) => sum + Buffer.byteLength(message) + 26, 0));
  });

  test("10,000 events in one call, and what is too many or too much", async () => {
    await lab.stream("s");
    const events = Array.from({ length: 10_000 }, (_, index) => at(`event ${index}`));
    expect((await lab.put("s", events)).rejectedLogEventsInfo).toBeUndefined();
    expect((await lab.filter({ limit: 4000 })).pages.map((page) => page.length)).toEqual([4000, 4000, 2000]);
    await expect(lab.put("s", [...events, at("one more")])).rejects.toMatchObject(
      refusal("InvalidParameterException", /'logEvents' .*length less than or equal to 10000/),
    );
    await expect(lab.put("s", [at("x".repeat(600_000)), at("x".repeat(600_000))])).rejects.toMatchObject(
      refusal("InvalidParameterException", "Upload too large: 1200052 bytes exceeds limit of 1048576"),
    );
    await lab.put("s", [at("x".repeat(1_048_550))]);
    await expect(lab.put("s", [])).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  test("order and span", async () => {
    await lab.stream("s");
    await expect(lab.put("s", [at("b", 10), at("a", 0)])).rejects.toMatchObject(
      refusal("InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order."),
    );
    await expect(lab.put("s", [at("a", -DAY - 60_000), at("b")])).rejects.toMatchObject(
      refusal("InvalidParameterException", /cannot span more than 24 hours/),
    );
    expect((await lab.filter()).events).toEqual([]);
  });

  test("what is too old or too new is told of, the rest kept", async () => {
    await lab.stream("s");
    const answer = await lab.put("s", [at("a", -20 * DAY), at("b", -15 * DAY), at("c"), at("d"), at("e", 3 * 3_600_000)]);
    expect(answer).toMatchObject({
      nextSequenceToken: expect.stringMatching(/^\d{56}$/),
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 2, tooNewLogEventStartIndex: 4 },
    });
    expect((await lab.filter()).events.map(({ message }) => message)).toEqual(["c", "d"]);
  });

  test("any sequence token is taken", async () => {
    await lab.stream("s");
    const logEvents = [at("a")];
    const answer = await lab.logs.putLogEvents({
      logGroupName: lab.group,
      logStreamName: "s",
      logEvents,
      sequenceToken: "nonsense",
    });
    expect(answer.nextSequenceToken).toMatch(/^\d{56}$/);
    await expect(lab.put("none", [at("a")])).rejects.toMatchObject(
      refusal("ResourceNotFoundException", "The specified log stream does not exist."),
    );
  });
});

describe("GetLogEvents", () => {
  const messages = (answer: GetLogEventsCommandOutput): string => (answer.events ?? []).map(({ message }) => message).join("");
  const base = Date.now() - 60_000;
  const seven = [..."abcdefg"].map((message, index) => ({ timestamp: base + index, message }));

  test("the newest first, then backward to an end that stays, and forward again", async () => {
    await lab.stream("s", seven);
    const get = async (input: object = {}) =>
      await lab.logs.getLogEvents({ logGroupName: lab.group, logStreamName: "s", limit: 3, ...input });
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
    await lab.put("s", [at("h")]);
    expect(messages(await get({ nextToken: end.nextForwardToken }))).toBe("h");
  });

  test("from the head, between times: the first included, the last not", async () => {
    await lab.stream("s", seven);
    const input = { logGroupName: lab.group, logStreamName: "s", startTime: base + 1, endTime: base + 5 };
    expect(messages(await lab.logs.getLogEvents(input))).toBe("bcde");
    const first = await lab.logs.getLogEvents({ ...input, startFromHead: true, limit: 3 });
    expect(messages(first)).toBe("bcd");
    const second = await lab.logs.getLogEvents({ ...input, nextToken: first.nextForwardToken });
    expect(messages(second)).toBe("e");
    const third = await lab.logs.getLogEvents({ ...input, nextToken: second.nextForwardToken });
    expect([messages(third), third.nextForwardToken]).toEqual(["", second.nextForwardToken]);
  });

  test("an empty stream has tokens, and the forward one finds what comes", async () => {
    await lab.stream("s");
    const none = await lab.logs.getLogEvents({ logGroupName: lab.group, logStreamName: "s" });
    expect(none).toMatchObject({ events: [], nextForwardToken: expect.stringMatching(/^f\/\d{56}\/s$/) });
    await lab.put("s", [at("a")]);
    const some = await lab.logs.getLogEvents({ logGroupName: lab.group, logStreamName: "s", nextToken: none.nextForwardToken });
    expect(messages(some)).toBe("a");
    await expect(
      lab.logs.getLogEvents({ logGroupName: lab.group, logStreamName: "s", nextToken: "f/1/s" }),
    ).rejects.toMatchObject(refusal("InvalidParameterException", "The specified nextToken is invalid."));
  });

  test("a page holds a mebibyte", async () => {
    await lab.stream("s");
    for (let index = 0; index < 3; index += 1) await lab.put("s", [at(String(index).repeat(500_000))]);
    const page = await lab.logs.getLogEvents({ logGroupName: lab.group, logStreamName: "s", startFromHead: true });
    expect(page.events).toHaveLength(2);
    expect((await lab.filter()).pages.map((events) => events.length)).toEqual([2, 1]);
  });
});

describe("FilterLogEvents", () => {
  const base = Date.now() - 60_000;

  test("all streams by time, with ids and names; some of them; between times, both included", async () => {
    await lab.stream(
      "a/1",
      [0, 2, 4].map((offset) => ({ timestamp: base + offset, message: `a${offset}` })),
    );
    await lab.stream(
      "a/2",
      [1, 2, 5].map((offset) => ({ timestamp: base + offset, message: `b${offset}` })),
    );
    await lab.stream(
      "c",
      [3].map((offset) => ({ timestamp: base + offset, message: `c${offset}` })),
    );
    const found = async (input: Partial<FilterLogEventsCommandInput>): Promise<string> =>
      (await lab.filter(input)).events.map(({ message }) => message).join(" ");
    const { events } = await lab.filter();
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
    const identifier = `arn:aws:logs:us-east-1:000000000000:log-group:${lab.group}`;
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
      await expect(lab.logs.filterLogEvents({ logGroupName: lab.group, ...input })).rejects.toMatchObject({
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
      await lab.stream(name, events);
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
          const { events, pages } = await lab.filter({
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
    await lab.stream("s");
    // 36 MB: more than one page looks at.
    const large = "x".repeat(1_000_000);
    for (let index = 0; index < 36; index += 1) await lab.put("s", [at(large)]);
    await lab.put("s", [at("needle")]);
    const { pages, events } = await lab.filter({ filterPattern: "needle" });
    expect(events.map(({ message }) => message)).toEqual(["needle"]);
    expect(pages.length).toBeGreaterThan(1);
  });
});

describe("TestMetricFilter", () => {
  test("numbers of the messages that match, and what is extracted", async () => {
    const logEventMessages = ['{"a":{"b":[7]},"c":"x"}', '{"a":1}', '{"a":{"b":[8]},"c":"xy"}'];
    const { matches } = await lab.logs.testMetricFilter({ filterPattern: '{ $.a.b[0] >= 7 && $.c = "x*" }', logEventMessages });
    expect(matches).toEqual([
      { eventNumber: 1, eventMessage: logEventMessages[0], extractedValues: { "$.a.b[0]": "7", "$.c": "x" } },
      { eventNumber: 3, eventMessage: logEventMessages[2], extractedValues: { "$.a.b[0]": "8", "$.c": "xy" } },
    ]);
    await expect(lab.logs.testMetricFilter({ filterPattern: "{", logEventMessages })).rejects.toMatchObject(
      refusal("InvalidParameterException", "Invalid metric filter pattern"),
    );
  });
});
