import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { expect, test } from "vitest";
import type { Trail } from "../../../account/trails/trail.ts";
import type { TrailRevision } from "../../../account/trails/trail-store.ts";
import { TrailEnds } from "../trail-ends.ts";
import { TrailOutcomes } from "../trail-outcomes.ts";
import type { TrailLane } from "../trail-lane.ts";
import { CloudWatchLogsSink } from "./cloudwatch-logs-sink.ts";
import { LaneStore } from "./lane-store.ts";
import {
  ACCOUNT,
  type Answer,
  eventEntry,
  logger,
  NOW,
  positionIn,
  REGION,
  type SeenRequest,
  SinkState,
  TestServer,
} from "./sink.test-support.ts";

interface PutLogEvents {
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly sequenceToken?: string;
  readonly logEvents: readonly { readonly timestamp: number; readonly message: string }[];
}

const error = (type: string, more: object = {}, status = 400): Answer => ({
  status,
  body: JSON.stringify({ __type: type, message: `${type} it is`, ...more }),
  headers: { "content-type": "application/x-amz-json-1.1" },
});

/** As much of CloudWatch Logs as a delivery meets: groups, streams, tokens, limits. */
class Logs {
  readonly streams = new Map<string, { timestamp: number; message: string }[]>();
  group = true;
  /** Asks for sequence tokens, as servers of old do. */
  tokens = false;
  trouble: (request: SeenRequest) => Answer | undefined = () => undefined;
  #token = 100;
  #lastBatch = "";

  answer(request: SeenRequest): Answer {
    const trouble = this.trouble(request);
    if (trouble !== undefined && trouble !== "reset") return trouble;
    const answer = this.#do(String(request.headers["x-amz-target"]), JSON.parse(request.body));
    return trouble ?? answer;
  }

  #do(target: string, input: PutLogEvents): Answer {
    const { logStreamName: name } = input;
    if (!this.group) return error("ResourceNotFoundException");
    if (target.endsWith(".CreateLogStream")) {
      if (this.streams.has(name)) return error("ResourceAlreadyExistsException");
      this.streams.set(name, []);
      return { status: 200, body: "{}" };
    }
    const stream = this.streams.get(name);
    if (stream === undefined) return error("ResourceNotFoundException");
    if (this.tokens) {
      const expectedSequenceToken = String(this.#token);
      if (JSON.stringify(input.logEvents) === this.#lastBatch)
        return error("DataAlreadyAcceptedException", { expectedSequenceToken });
      if (input.sequenceToken !== expectedSequenceToken) return error("InvalidSequenceTokenException", { expectedSequenceToken });
      this.#token++;
      this.#lastBatch = JSON.stringify(input.logEvents);
    }
    const octets = input.logEvents.reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0);
    const inOrder = input.logEvents.every(({ timestamp }, at) => at === 0 || timestamp >= input.logEvents[at - 1]!.timestamp);
    if (input.logEvents.length > 10_000 || octets > 1_048_576 || !inOrder) return error("InvalidParameterException");
    stream.push(...input.logEvents);
    return { status: 200, body: JSON.stringify(this.tokens ? { nextSequenceToken: String(this.#token) } : {}) };
  }

  positions(stream: string): readonly number[] | undefined {
    return this.streams.get(stream)?.map(({ message }) => positionIn(message));
  }
}

const trail: Trail = {
  id: "trail-1",
  accountId: ACCOUNT,
  name: "trail",
  homeRegion: REGION,
  arn: `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/trail`,
  s3BucketName: "logs",
  includeGlobalServiceEvents: true,
  isMultiRegionTrail: true,
  logFileValidationEnabled: false,
  cloudWatchLogsLogGroupArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:audit/one:*`,
  cloudWatchLogsRoleArn: `arn:aws:iam::${ACCOUNT}:role/r`,
  isOrganizationTrail: false,
  recursiveLogging: true,
  logging: true,
  tags: [],
  createdAt: NOW,
};
const { cloudWatchLogsLogGroupArn: _, cloudWatchLogsRoleArn: __, ...bare } = trail;
const revision = (after: number, trail: Trail, removed = false): TrailRevision => ({
  after,
  requestId: `r${after}`,
  trail,
  removed,
});
const STREAM = `${ACCOUNT}_CloudTrail_${REGION}`;

class Chain implements AsyncDisposable {
  readonly logs: Logs;
  readonly outcomes: TrailOutcomes;
  readonly store: LaneStore;
  readonly sink: CloudWatchLogsSink;
  readonly places: unknown[] = [];
  organizationId: string | undefined;
  now = NOW;
  readonly #state = new SinkState();
  readonly #server: TestServer;
  readonly #client: CloudWatchLogsClient;

  private constructor(logs: Logs, server: TestServer) {
    this.logs = logs;
    this.#server = server;
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    this.#client = new CloudWatchLogsClient({ endpoint: server.url, region: REGION, credentials, maxAttempts: 1 });
    const database = this.#state.open();
    this.outcomes = new TrailOutcomes(database);
    this.store = new LaneStore({ database, logger, writeMilliseconds: 1 });
    this.sink = new CloudWatchLogsSink({
      store: this.store,
      outcomes: this.outcomes,
      ends: new TrailEnds(database),
      covers: (trail, account) => trail.isOrganizationTrail || account === trail.accountId,
      organizationId: () => this.organizationId,
      clients: { logs: (place) => (this.places.push(place), this.#client) },
      clock: { now: () => this.now },
      logger,
      requestMilliseconds: 1_000,
    });
  }

  static async open(): Promise<Chain> {
    const logs = new Logs();
    return new Chain(logs, await TestServer.open((request) => logs.answer(request)));
  }

  lane(revisions: readonly TrailRevision[] = [revision(0, trail)]): TrailLane {
    expect(this.sink.wants(revisions)).toBe(true);
    return this.sink.open(revisions);
  }

  get seen(): readonly string[] {
    return this.#server.seen.map(({ headers }) => String(headers["x-amz-target"]).replace(/.*\./, ""));
  }

  status(region = REGION): unknown {
    this.store.flush();
    return this.outcomes.status(trail.id, region).latestCloudWatchLogsDelivery;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    this.store.close();
    await this.#server[Symbol.asyncDispose]();
    this.#state[Symbol.dispose]();
  }
}

test("every record is one log event with the delivery's time, in the stream of its account and Region, all in the home Region's group", async () => {
  await using chain = await Chain.open();
  const lane = chain.lane();
  const entries = [
    eventEntry(1),
    eventEntry(2, { region: "eu-west-1" }),
    eventEntry(3),
    { ...eventEntry(4), kind: "intent" as const },
  ];
  await lane.read(entries);
  expect(lane.position()).toBe(4);
  expect(chain.logs.positions(STREAM)).toEqual([1, 3]);
  expect(chain.logs.positions(`${ACCOUNT}_CloudTrail_eu-west-1`)).toEqual([2]);
  expect(chain.logs.streams.get(STREAM)![0]).toEqual({ timestamp: NOW, message: Buffer.from(entries[0]!.body).toString() });
  expect(chain.places).toEqual(chain.places.map(() => ({ accountId: ACCOUNT, region: REGION })));
  expect(chain.status("eu-west-1")).toEqual({ time: NOW, attempt: NOW });
  await lane.read([eventEntry(5)]);
  expect(chain.seen.filter((call) => call === "CreateLogStream")).toHaveLength(2);
});

test("the streams of an organization's trail begin with its id, and members have their own", async () => {
  await using chain = await Chain.open();
  chain.organizationId = "o-exampleorgid";
  const lane = chain.lane([revision(0, { ...trail, isOrganizationTrail: true })]);
  await lane.read([eventEntry(1), eventEntry(2, { account: "444455556666" })]);
  expect([...chain.logs.streams.keys()].toSorted()).toEqual([
    `o-exampleorgid_${ACCOUNT}_CloudTrail_${REGION}`,
    `o-exampleorgid_444455556666_CloudTrail_${REGION}`,
  ]);
});

test("keeps to the limits of a request; an event over 256 KB is left out and counted", async () => {
  await using chain = await Chain.open();
  const lane = chain.lane();
  const entries = Array.from({ length: 30 }, (_, at) => eventEntry(at + 1, {}, { note: "ü".repeat(50_000) }));
  await lane.read([...entries, eventEntry(31, {}, { note: "x".repeat(256 * 1024) }), eventEntry(32)]);
  expect(chain.logs.positions(STREAM)).toEqual([...entries.map(({ position }) => position), 32]);
  expect(chain.seen.filter((call) => call === "PutLogEvents").length).toBeGreaterThan(3);
  expect(chain.store.counts(lane.name)).toEqual({ delivered: 31, tooLarge: 1, expired: 0, refused: 0 });
});

test("gives servers of old the token that they ask for, and does not mind what they have already", async () => {
  await using chain = await Chain.open();
  chain.logs.tokens = true;
  const lane = chain.lane();
  await lane.read([eventEntry(1)]);
  await lane.read([eventEntry(2)]);
  const before = chain.seen.length;
  await lane.read([eventEntry(3)]);
  // The token of the last answer was right.
  expect(chain.seen.length).toBe(before + 1);
  chain.logs.trouble = () => "reset";
  await expect(lane.read([eventEntry(4)])).rejects.toThrow();
  chain.logs.trouble = () => undefined;
  // The batch is in the stream; the answer was lost.
  await lane.read([eventEntry(4)]);
  await lane.read([eventEntry(5)]);
  expect(chain.logs.positions(STREAM)).toEqual([1, 2, 3, 4, 5]);
});

test("a stream that is gone is made again; a group that is gone shows in the status until it is back", async () => {
  await using chain = await Chain.open();
  const lane = chain.lane();
  await lane.read([eventEntry(1)]);
  chain.logs.streams.clear();
  await lane.read([eventEntry(2)]);
  expect(chain.logs.positions(STREAM)).toEqual([2]);
  chain.logs.group = false;
  chain.now += 1_000;
  await expect(lane.read([eventEntry(3)])).rejects.toThrow("ResourceNotFoundException");
  expect(chain.status()).toEqual({ time: NOW, attempt: NOW + 1_000, error: "ResourceNotFoundException" });
  chain.logs.group = true;
  await lane.read([eventEntry(3)]);
  expect(chain.logs.positions(STREAM)).toEqual([2, 3]);
  expect(chain.status()).toEqual({ time: NOW + 1_000, attempt: NOW + 1_000 });
});

test("a stream that is throttled is followed by the next", async () => {
  await using chain = await Chain.open();
  const lane = chain.lane();
  const isFull = ({ body }: SeenRequest): boolean => /"logStreamName":"[^"]*_us-east-1"/.test(body);
  chain.logs.trouble = (request) => (isFull(request) ? error("ThrottlingException") : undefined);
  await expect(lane.read([eventEntry(1)])).rejects.toThrow("ThrottlingException");
  expect(chain.status()).toEqual({ attempt: NOW, error: "ThrottlingException" });
  await lane.read([eventEntry(1)]);
  expect(chain.logs.positions(`${STREAM}_2`)).toEqual([1]);
});

test.each<[string, Answer, unknown]>([
  ["503", error("ServiceUnavailableException", {}, 503), "ServiceUnavailableException"],
  ["a denial", error("AccessDeniedException"), "AccessDeniedException"],
  ["a broken connection", "reset", undefined],
  ["silence", "silence", undefined],
  ["something else", { status: 502, body: "<html>" }, expect.any(String)],
  [
    "clocks that differ",
    { status: 200, body: '{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":0}}' },
    "InvalidParameterException",
  ],
])("%s: nothing is lost, the status says so", async (_, answer, code) => {
  await using chain = await Chain.open();
  const lane = chain.lane();
  await lane.read([eventEntry(1)]);
  chain.logs.trouble = () => answer;
  await expect(lane.read([eventEntry(2), eventEntry(3)])).rejects.toThrow();
  expect(lane.position()).toBe(1);
  expect(chain.status()).toEqual({ time: NOW, attempt: NOW, ...(code === undefined ? {} : { error: code }) });
  chain.logs.trouble = () => undefined;
  await lane.read([eventEntry(2), eventEntry(3), eventEntry(4)]);
  expect([...new Set(chain.logs.positions(STREAM))]).toEqual([1, 2, 3, 4]);
});

test("a group that is set later gets nothing from before; one that is taken away leaves no status and no position", async () => {
  await using chain = await Chain.open();
  expect(chain.sink.wants([revision(0, bare)])).toBe(false);
  const lane = chain.lane([revision(0, bare), revision(2, trail)]);
  expect(lane.position()).toBe(2);
  await lane.read([eventEntry(3)]);
  expect(chain.status()).toBeDefined();
  lane.revise([revision(0, bare), revision(2, trail), revision(3, bare)]);
  expect(lane.isDone()).toBe(true);
  await lane.read([eventEntry(4)]);
  expect(chain.status()).toBeUndefined();
  lane.revise([revision(0, bare), revision(2, trail), revision(3, bare), revision(5, trail)]);
  expect(lane.isDone()).toBe(false);
  await lane.read([eventEntry(5), eventEntry(6)]);
  await lane.close();
  expect(chain.logs.positions(STREAM)).toEqual([3, 6]);
  expect(chain.lane([revision(5, trail)]).position()).toBe(6);
});

test("a trail that is stopped or deleted sends up to the event that did it", async () => {
  await using chain = await Chain.open();
  const stopped = revision(2, { ...trail, logging: false });
  const lane = chain.lane([revision(0, trail), stopped]);
  const stop = eventEntry(4, { name: "StopLogging" }, { requestID: stopped.requestId });
  await lane.read([eventEntry(1), eventEntry(2), eventEntry(3), stop, eventEntry(5)]);
  expect(chain.logs.positions(STREAM)).toEqual([1, 2, 3, 4]);
  expect(lane.isDone()).toBe(false);
  lane.revise([revision(0, trail), stopped, revision(5, { ...trail, logging: false }, true)]);
  expect(lane.isDone()).toBe(true);
  chain.sink.forget(trail.id);
  expect(chain.sink.wants([revision(5, { ...trail, logging: false }, true)])).toBe(false);
});
