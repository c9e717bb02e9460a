import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import * as fc from "fast-check";
import { pino } from "pino";
import { expect, test } from "vitest";
import type { StoredEntry } from "../../../journal/journal.ts";
import { createEventBridgeSink } from "./event-bridge-sink.ts";
import { everyEvent } from "./lane-event.ts";
import type { LaneStore } from "./lane-store.ts";
import type { SinkLane } from "./sink-lane.ts";
import { ACCOUNT, type Answer, eventEntry, logger, NOW, positionIn, REGION, SinkState, TestServer } from "./sink.test-support.ts";

interface Entry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Time: number;
  readonly Resources: readonly string[];
  readonly Detail: string;
}

/** The default buses behind one endpoint: what they got, and what they say to each entry. */
class Buses implements AsyncDisposable {
  readonly received: Entry[] = [];
  readonly requests: (readonly Entry[])[] = [];
  readonly places: string[] = [];
  readonly logged: string[] = [];
  trouble: Answer | undefined;
  now = NOW;
  /** Error code of an entry; undefined: it is taken. */
  verdict: (entry: Entry) => string | undefined = () => undefined;
  readonly store: LaneStore;
  readonly #state = new SinkState();
  #server: TestServer | undefined;
  #client: EventBridgeClient | undefined;

  private constructor() {
    this.store = this.#state.store();
  }

  static async open(): Promise<Buses> {
    const buses = new Buses();
    buses.#server = await TestServer.open(({ body }) => {
      const { Entries: entries } = JSON.parse(body) as { Entries: readonly Entry[] };
      buses.requests.push(entries);
      if (buses.trouble !== undefined && buses.trouble !== "reset") return buses.trouble;
      const results = entries.map((entry) => {
        const ErrorCode = buses.verdict(entry);
        if (ErrorCode === undefined) buses.received.push(entry);
        return ErrorCode === undefined ? { EventId: "id" } : { ErrorCode, ErrorMessage: "no" };
      });
      const FailedEntryCount = results.filter((result) => "ErrorCode" in result).length;
      return buses.trouble ?? { status: 200, body: JSON.stringify({ FailedEntryCount, Entries: results }) };
    });
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    buses.#client = new EventBridgeClient({ endpoint: buses.#server.url, region: REGION, credentials, maxAttempts: 1 });
    return buses;
  }

  lane(optional = false): SinkLane {
    const client = this.#client!;
    return createEventBridgeSink({
      selection: everyEvent,
      optional,
      from: () => 0,
      store: this.store,
      clients: { events: ({ accountId, region }) => (this.places.push(`${accountId} ${region}`), client) },
      clock: { now: () => this.now },
      logger: pino({ level: "warn" }, { write: (line: string) => void this.logged.push(line) }),
      requestMilliseconds: 1_000,
    });
  }

  get positions(): readonly number[] {
    return this.received.map(({ Detail }) => positionIn(Detail));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.destroy();
    this.store.close();
    await this.#server?.[Symbol.asyncDispose]();
    this.#state[Symbol.dispose]();
  }
}

test("the envelope is AWS's: event time, no resources, the record as it is", async () => {
  await using buses = await Buses.open();
  const entry = eventEntry(1, { readOnly: true }, { resources: [{ ARN: "arn:aws:s3:::b" }] });
  await buses.lane().read([entry]);
  expect(buses.received).toEqual([
    {
      Source: "aws.s3",
      DetailType: "AWS API Call via CloudTrail",
      Time: NOW / 1000 - 3600,
      Resources: [],
      Detail: Buffer.from(entry.body).toString(),
    },
  ]);
  expect(buses.places).toEqual([`${ACCOUNT} ${REGION}`]);
});

test.each([
  ["AwsServiceEvent", "secretsmanager.amazonaws.com", "AWS Service Event via CloudTrail", "aws.secretsmanager"],
  ["AwsConsoleSignIn", "signin.amazonaws.com", "AWS Console Sign In via CloudTrail", "aws.signin"],
  ["AwsConsoleAction", "s3.amazonaws.com", "AWS Console Action via CloudTrail", "aws.s3"],
  ["AwsCloudTrailInsight", "cloudtrail.amazonaws.com", "AWS Insight via CloudTrail", "aws.cloudtrail"],
  ["AwsVpceEvent", "kms.amazonaws.com", "AWS Network Activity Event via CloudTrail", "aws.kms"],
  ["SomethingNew", "x.example.com", "AWS API Call via CloudTrail", "aws.x.example.com"],
])("%s of %s is %s from %s", async (eventType, source, DetailType, Source) => {
  await using buses = await Buses.open();
  await buses.lane().read([eventEntry(1, { source }, { eventType, eventContext: { tagContext: {} } })]);
  expect(buses.received[0]).toMatchObject({ DetailType, Source });
  // Never passed on.
  const { eventContext, ...rest } = JSON.parse(
    Buffer.from(eventEntry(1, { source }, { eventType, eventContext: {} }).body).toString(),
  );
  expect(eventContext).toEqual({});
  expect(JSON.parse(buses.received[0]!.Detail)).toEqual(rest);
});

test("each account's and Region's bus gets its own, in order, ten and 256 KB at a time, whatever is refused on the way", async () => {
  const entries = fc.array(fc.record({ group: fc.nat(2), octets: fc.nat(120_000), fails: fc.nat(3) }), {
    minLength: 1,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(entries, async (entries) => {
      await using buses = await Buses.open();
      const batch = entries.map(({ group, octets }, at): StoredEntry =>
        eventEntry(at + 1, { region: ["us-east-1", "eu-west-1", "ap-south-1"][group]! }, { note: "x".repeat(octets) }),
      );
      const tried = new Map<number, number>();
      buses.verdict = ({ Detail }) => {
        const position = positionIn(Detail);
        const count = tried.get(position) ?? 0;
        tried.set(position, count + 1);
        return count < entries[position - 1]!.fails ? "ThrottlingException" : undefined;
      };
      const lane = buses.lane();
      for (let rest = batch; rest.length > 0; rest = batch.filter(({ position }) => position > lane.position())) {
        await lane.read(rest).catch((error: Error) => expect(error.message).toContain("ThrottlingException"));
      }
      // What was taken is not sent again.
      expect(buses.positions.toSorted((a, b) => a - b)).toEqual(batch.map(({ position }) => position));
      for (const request of buses.requests) {
        expect(request.length).toBeLessThanOrEqual(10);
        const size = request.reduce(
          (sum, { Source, DetailType, Detail }) => sum + 14 + Source.length + DetailType.length + Buffer.byteLength(Detail),
          0,
        );
        expect(size).toBeLessThanOrEqual(262_144);
        expect(new Set(request.map(({ Detail }) => JSON.parse(Detail).awsRegion)).size).toBe(1);
        expect(request.map(({ Detail }) => positionIn(Detail))).toEqual(
          request.map(({ Detail }) => positionIn(Detail)).toSorted((a, b) => a - b),
        );
      }
    }),
    { numRuns: 12 },
  );
});

test("where nobody may send events of aws. sources, it is told once, counted, and not tried again", async () => {
  await using buses = await Buses.open();
  buses.verdict = () => "NotAuthorizedForSourceException";
  const lane = buses.lane();
  await lane.read([eventEntry(1), eventEntry(2)]);
  await lane.read([eventEntry(3)]);
  expect(lane.position()).toBe(3);
  expect(buses.requests.flat()).toHaveLength(3);
  expect(buses.store.counts("events")).toEqual({ delivered: 0, tooLarge: 0, expired: 0, refused: 3 });
  expect(buses.logged).toHaveLength(1);
  expect(buses.logged[0]).toContain("delivery.eventBridge to off");
});

test.each<[string, Answer]>([
  ["an S3 server's", { status: 400, body: "<?xml version='1.0'?><Error><Code>BadRequest</Code></Error>" }],
  ["one that knows nobody", { status: 403, body: "<Error><Code>InvalidAccessKeyId</Code></Error>" }],
  ["an emulator's of another service", { status: 400, body: '{"__type":"UnknownOperationException"}' }],
  ["an emulator's without EventBridge", { status: 501, body: '{"__type":"InternalFailure","message":"not yet implemented"}' }],
])("a backend that has no EventBridge, %s answer, holds nothing up and is asked again now and then", async (_, trouble) => {
  await using buses = await Buses.open();
  buses.trouble = trouble;
  await expect(buses.lane().read([eventEntry(1)])).rejects.toThrow();
  const lane = buses.lane(true);
  const before = buses.requests.length;
  await lane.read([eventEntry(1), eventEntry(2)]);
  await lane.read([eventEntry(3)]);
  expect(buses.requests.length - before).toBe(1);
  expect(buses.store.counts("events")).toMatchObject({ delivered: 0, refused: 3 });
  expect(buses.logged).toHaveLength(1);
  buses.now += 300_000;
  buses.trouble = undefined;
  await lane.read([eventEntry(4)]);
  expect(buses.positions).toEqual([4]);
});

test.each<[string, Answer]>([
  ["is out of order", { status: 502, body: "<html>" }],
  ["is throttled", { status: 429, body: "slow down" }],
  ["refuses the caller", { status: 400, body: '{"__type":"AccessDeniedException"}' }],
])("a backend that %s has one all the same", async (_, trouble) => {
  await using buses = await Buses.open();
  buses.trouble = trouble;
  const lane = buses.lane(true);
  await expect(lane.read([eventEntry(1)])).rejects.toThrow();
  buses.trouble = undefined;
  await lane.read([eventEntry(1)]);
  expect(buses.positions).toEqual([1]);
});

test("an event over 256 KB is not sent", async () => {
  await using buses = await Buses.open();
  await buses.lane().read([eventEntry(1, {}, { note: "x".repeat(262_144) }), eventEntry(2)]);
  expect(buses.positions).toEqual([2]);
  expect(buses.store.counts("events")).toMatchObject({ tooLarge: 1 });
});

test.each<[string, Answer]>([
  ["503", { status: 503 }],
  ["throttling", { status: 400, body: '{"__type":"ThrottlingException","message":"slow"}' }],
  ["a lost acknowledgement", "reset"],
  ["silence", "silence"],
  ["half an answer", { status: 200, body: '{"FailedEntryCount":1,"Entries":[]}' }],
])("%s: nothing is lost, order stays", async (_, trouble) => {
  await using buses = await Buses.open();
  const lane = buses.lane();
  buses.trouble = trouble;
  await expect(lane.read([eventEntry(1), eventEntry(2)])).rejects.toThrow();
  expect(lane.position()).toBe(0);
  buses.trouble = undefined;
  await lane.read([eventEntry(1), eventEntry(2), eventEntry(3)]);
  expect([...new Set(buses.positions)]).toEqual([1, 2, 3]);
});

test("a record that is none is left out", async () => {
  await using buses = await Buses.open();
  const lane = buses.lane();
  await lane.read([{ ...eventEntry(1), body: Buffer.from("{") }, eventEntry(2)]);
  expect(buses.positions).toEqual([2]);
  expect(lane.position()).toBe(2);
  expect(logger.level).toBe("silent");
});
