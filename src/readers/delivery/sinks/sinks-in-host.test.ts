import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { ACCOUNT, DeliveryLab, MEMBER, TestTime } from "../delivery-lab.test-support.ts";
import { FakeS3 } from "../s3-fake.test-support.ts";
import { CloudWatchLogsSink } from "./cloudwatch-logs-sink.ts";
import { createEventBridgeSink } from "./event-bridge-sink.ts";
import { everyEvent } from "./lane-event.ts";
import { LaneStore } from "./lane-store.ts";
import type { SinkLane } from "./sink-lane.ts";
import { type Answer, logger, type SeenRequest, TestServer } from "./sink.test-support.ts";
import { TrailsSelection } from "./trails-selection.ts";
import { createWebhookSink } from "./webhook-sink.ts";

let s3: FakeS3;
const labs: DeliveryLab[] = [];

beforeEach(async () => {
  s3 = new FakeS3();
  await s3.listen();
});

afterEach(async () => {
  for (const lab of labs.splice(0)) {
    await lab.close();
    lab.remove();
  }
  await s3.close();
});

interface Arrived {
  readonly id: string;
  readonly group: string;
}

const arrivedOf = (text: string): Arrived => {
  const { eventID, awsRegion, recipientAccountId } = JSON.parse(text) as Record<string, string>;
  return { id: eventID ?? "", group: `${recipientAccountId} ${awsRegion}` };
};

/** One endpoint for CloudWatch Logs, EventBridge and a webhook, each of which takes, refuses, or takes without saying so. */
class Endpoint implements AsyncDisposable {
  readonly arrived: Record<"logs" | "events" | "webhook", Arrived[]> = { logs: [], events: [], webhook: [] };
  mood: () => "takes" | "refuses" | "resets" = () => "takes";
  #server: TestServer | undefined;

  static async open(): Promise<Endpoint> {
    const endpoint = new Endpoint();
    endpoint.#server = await TestServer.open((request) => endpoint.#answer(request));
    return endpoint;
  }

  get url(): string {
    return this.#server!.url;
  }

  #answer({ headers, body }: SeenRequest): Answer {
    const mood = this.mood();
    if (mood === "refuses") return { status: 503 };
    const target = String(headers["x-amz-target"] ?? "");
    const input = JSON.parse(body) as { Records?: unknown[]; Entries?: { Detail: string }[]; logEvents?: { message: string }[] };
    if (target === "") this.arrived.webhook.push(...input.Records!.map((record) => arrivedOf(JSON.stringify(record))));
    else if (target.endsWith(".PutEvents")) this.arrived.events.push(...input.Entries!.map(({ Detail }) => arrivedOf(Detail)));
    else if (target.endsWith(".PutLogEvents"))
      this.arrived.logs.push(...input.logEvents!.map(({ message }) => arrivedOf(message)));
    return mood === "resets" ? "reset" : { status: 200, body: '{"FailedEntryCount":0}' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }
}

/** Puts the sinks into the lab as `start/` does. */
function addSinks(lab: DeliveryLab, url: string, trail?: string): readonly SinkLane[] {
  const settings = {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  };
  const [logs, events] = [new CloudWatchLogsClient(settings), new EventBridgeClient(settings)];
  const store = new LaneStore({ database: lab.database, logger, writeMilliseconds: 5 });
  const { ends, outcomes } = lab.delivery;
  const covers = (one: { accountId: string; isOrganizationTrail: boolean }, account: string): boolean =>
    one.accountId === account || one.isOrganizationTrail;
  const common = { store, clients: { logs: () => logs, events: () => events }, clock: systemClock, logger, from: () => 0 };
  lab.delivery.serve(new CloudWatchLogsSink({ ...common, ends, outcomes, covers, organizationId: () => undefined }));
  const ofTrails = { trails: lab.trails, ends, covers };
  const named = new TrailsSelection({ ...ofTrails, counts: ({ name }) => name === trail, everyManagementEvent: false });
  const lanes = [
    createEventBridgeSink({
      ...common,
      selection: new TrailsSelection({ ...ofTrails, counts: () => true, everyManagementEvent: true }),
    }),
    createWebhookSink({ ...common, url, selection: trail === undefined ? everyEvent : named, ...(trail && { trail }) }),
  ];
  for (const lane of lanes) {
    lab.delivery.keepRevisionsFor(lane);
    lab.host.add(lane);
  }
  return lanes;
}

const GROUPS = [
  { account: ACCOUNT, region: "us-east-1" },
  { account: ACCOUNT, region: "eu-west-1" },
  { account: MEMBER, region: "us-east-1" },
];
const GROUP = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:audit:*`;

test("killed and begun again while every sink is flaky: each has every event, in order for each account and Region", async () => {
  await using endpoint = await Endpoint.open();
  const lab = new DeliveryLab({ s3 });
  const state = { next: 0 };
  let random = 7;
  endpoint.mood = () => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (["takes", "takes", "refuses", "resets"] as const)[Math.floor(random / 65_536) % 4] ?? "takes";
  };
  for (let round = 0; round < 8; round++) {
    await lab.open();
    if (round === 0) {
      await lab.addTrail({
        isOrganizationTrail: true,
        cloudWatchLogsLogGroupArn: GROUP,
        cloudWatchLogsRoleArn: "arn:aws:iam::1:role/r",
      });
    }
    addSinks(lab, endpoint.url);
    for (let at = 0; at < 5; at++) {
      await lab.append(Array.from({ length: 4 }, () => ({ id: `e${state.next}`, ...GROUPS[state.next++ % 3] })));
    }
    const seen = endpoint.arrived.webhook.length;
    await expect.poll(() => endpoint.arrived.webhook.length).toBeGreaterThan(seen);
    if (round < 7) await lab.kill();
  }
  labs.push(lab);
  endpoint.mood = () => "takes";
  await lab.host.caughtUp(lab.journal.status().last);
  const wanted = Array.from({ length: state.next }, (_, at) => `e${at}`);
  for (const [sink, arrived] of Object.entries(endpoint.arrived)) {
    for (const { account, region } of GROUPS) {
      const mine = wanted.filter((_, at) => GROUPS[at % 3]!.account === account && GROUPS[at % 3]!.region === region);
      const firsts = new Set(arrived.filter(({ group }) => group === `${account} ${region}`).map(({ id }) => id));
      expect([...firsts], `${sink} of ${account} in ${region}`).toEqual(mine);
    }
  }
});

test("a sink that lags behind a trail that was deleted still gets what the trail took", async () => {
  await using endpoint = await Endpoint.open();
  const time = new TestTime(Date.parse("2026-03-02T09:00:00Z"));
  const lab = await new DeliveryLab({ s3, time }).open();
  labs.push(lab);
  addSinks(lab, endpoint.url, "trail");
  endpoint.mood = () => "refuses";
  const trail = await lab.addTrail();
  await lab.append([{ id: "a" }, { id: "b" }]);
  const place = lab.place();
  await lab.trails.remove(trail, place);
  await lab.append([{ id: "delete", requestId: place.requestId }, { id: "after" }]);
  await lab.until(() => s3.puts.length > 0);
  // Upkeep comes by more than once.
  for (let at = 0; at < 10; at++) {
    time.pass(10_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(lab.trails.revisions()).not.toEqual([]);
  endpoint.mood = () => "takes";
  await expect.poll(() => [...new Set(endpoint.arrived.webhook.map(({ id }) => id))]).toEqual(["a", "b", "delete"]);
  await expect.poll(() => [...new Set(endpoint.arrived.events.map(({ id }) => id))]).toEqual(["a", "b", "delete"]);
  await lab.until(() => lab.trails.revisions().length === 0, 10_000);
});
