import { SNSClient } from "@aws-sdk/client-sns";
import { expect, test } from "vitest";
import type { Trail } from "../../../account/trails/trail.ts";
import { Announcements } from "../announcements.ts";
import { TrailOutcomes } from "../trail-outcomes.ts";
import { ACCOUNT, type Answer, logger, NOW, REGION, SinkState, TestServer } from "./sink.test-support.ts";
import { SnsNotifier } from "./sns-notifier.ts";

const TOPIC = `arn:aws:sns:eu-west-1:444455556666:told`;
const OK: Answer = {
  status: 200,
  body: "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
  headers: { "content-type": "text/xml" },
};
const denied: Answer = {
  status: 403,
  body: "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>not you</Message></Error><RequestId>r</RequestId></ErrorResponse>",
  headers: { "content-type": "text/xml" },
};

class Topic implements AsyncDisposable {
  answer: (message: string, topic: string) => Answer = () => OK;
  trails: Readonly<Record<string, Partial<Trail>>> = {
    one: { accountId: ACCOUNT, snsTopicArn: TOPIC },
    two: { accountId: ACCOUNT, snsTopicArn: TOPIC },
  };
  readonly state = new SinkState();
  readonly database = this.state.open();
  readonly announcements = new Announcements(this.database);
  readonly outcomes = new TrailOutcomes(this.database);
  readonly places: unknown[] = [];
  now = NOW;
  readonly #notifiers: SnsNotifier[] = [];
  #server: TestServer | undefined;
  #client: SNSClient | undefined;

  static async open(): Promise<Topic> {
    const topic = new Topic();
    topic.#server = await TestServer.open(({ body }) => {
      const said = new URLSearchParams(body);
      return topic.answer(said.get("Message") ?? "", said.get("TopicArn") ?? "");
    });
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    topic.#client = new SNSClient({ endpoint: topic.#server.url, region: "eu-west-1", credentials, maxAttempts: 1 });
    return topic;
  }

  notifier(): SnsNotifier {
    const notifier = new SnsNotifier({
      announcements: this.announcements,
      trail: (id) => this.trails[id] as Trail | undefined,
      outcomes: this.outcomes,
      clients: { sns: (place) => (this.places.push(place), this.#client!) },
      clock: { now: () => this.now },
      logger,
      retryDelays: { first: 1, most: 20 },
      requestMilliseconds: 2_000,
    });
    this.#notifiers.push(notifier);
    notifier.start();
    return notifier;
  }

  deliver(key: string, trailId = "one", region = REGION): void {
    this.announcements.insert({ trailId, region, topic: TOPIC, bucket: "logs", key, deliveredAt: NOW });
    this.announcements.added();
  }

  /** Parameters of each call but the protocol's own. */
  get published(): readonly Readonly<Record<string, string>>[] {
    return this.#server!.seen.map(({ body }) => {
      const { Action: _, Version: __, ...rest } = Object.fromEntries(new URLSearchParams(body));
      return rest;
    });
  }

  get keys(): readonly string[] {
    return this.#server!.seen.map(({ body }) => JSON.parse(new URLSearchParams(body).get("Message")!).s3ObjectKey[0] as string);
  }

  status(trailId = "one", region = REGION): unknown {
    return this.outcomes.status(trailId, region).latestNotification;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const notifier of this.#notifiers) await notifier.close();
    this.#client?.destroy();
    await this.#server?.[Symbol.asyncDispose]();
    this.state[Symbol.dispose]();
  }
}

const gone = (topic: Topic): Promise<void> => expect.poll(() => topic.announcements.trails()).toEqual([]);

test("each file is a message of its own, compact JSON without a subject, in order, to the topic's Region in the trail's name", async () => {
  await using topic = await Topic.open();
  topic.deliver("left-over");
  topic.notifier();
  topic.deliver("AWSLogs/1.json.gz");
  topic.deliver("AWSLogs/2.json.gz", "one", "ap-south-1");
  await gone(topic);
  const message = (key: string): unknown => ({ TopicArn: TOPIC, Message: `{"s3Bucket":"logs","s3ObjectKey":["${key}"]}` });
  expect(topic.published).toEqual(["left-over", "AWSLogs/1.json.gz", "AWSLogs/2.json.gz"].map(message));
  expect(topic.places).toEqual(topic.places.map(() => ({ accountId: ACCOUNT, region: "eu-west-1" })));
  expect(topic.status("one", "ap-south-1")).toEqual({ time: NOW, attempt: NOW });
  topic.deliver("later");
  await expect.poll(() => topic.keys.at(-1)).toBe("later");
});

test("a topic that refuses is shown in the status and asked again; nothing is lost and other trails are not held up", async () => {
  await using topic = await Topic.open();
  topic.notifier();
  topic.answer = (message) => (message.includes("mine") ? denied : OK);
  topic.deliver("mine-1");
  topic.deliver("mine-2");
  await expect.poll(() => topic.keys.length).toBeGreaterThan(3);
  expect(topic.status()).toEqual({ error: "AuthorizationError", attempt: NOW });
  topic.deliver("other", "two");
  await expect.poll(() => topic.status("two")).toEqual({ time: NOW, attempt: NOW });
  topic.answer = () => OK;
  await gone(topic);
  expect(topic.keys.filter((key) => key !== "other").at(-2)).toBe("mine-1");
  expect(topic.keys.filter((key) => key !== "other").at(-1)).toBe("mine-2");
  expect(topic.status()).toEqual({ time: NOW, attempt: NOW });
});

test("what was published is done with at once; only the rest waits for the next start", async () => {
  await using topic = await Topic.open();
  topic.answer = (message) => (message.includes('"b"') ? denied : OK);
  for (const key of ["a", "b", "c"]) topic.deliver(key);
  const first = topic.notifier();
  await expect.poll(() => topic.keys.filter((key) => key === "b").length).toBeGreaterThan(1);
  await first.close();
  expect(topic.announcements.waiting("one", 10).map(({ key }) => key)).toEqual(["b", "c"]);
  expect(topic.keys.filter((key) => key === "a")).toHaveLength(1);
});

test.each<[string, Answer]>([
  ["503", { status: 503 }],
  ["a broken connection", "reset"],
  ["silence", "silence"],
])("%s: published again, over a restart as well", async (_, answer) => {
  await using topic = await Topic.open();
  topic.answer = () => answer;
  const first = topic.notifier();
  topic.deliver("a");
  topic.deliver("b");
  await expect.poll(() => topic.status()).toBeDefined();
  await first.close();
  expect(topic.announcements.waiting("one", 10)).toHaveLength(2);
  topic.answer = () => OK;
  topic.notifier();
  await gone(topic);
  expect([...new Set(topic.keys)]).toEqual(["a", "b"]);
});

test("what waits goes to the topic that the trail has now, and nowhere if it has none", async () => {
  await using topic = await Topic.open();
  topic.answer = () => denied;
  topic.notifier();
  topic.deliver("a");
  await expect.poll(() => topic.keys.length).toBeGreaterThan(0);
  const other = "arn:aws:sns:us-east-1:111122223333:other";
  // A request to the former topic may be under way.
  topic.answer = (_, arn) => (arn === other ? OK : denied);
  topic.trails = { one: { accountId: ACCOUNT, snsTopicArn: other } };
  await gone(topic);
  expect(topic.published.at(-1)).toMatchObject({ TopicArn: other });
  const before = topic.keys.length;
  topic.trails = { one: { accountId: ACCOUNT } };
  topic.deliver("b");
  await gone(topic);
  expect(topic.keys).toHaveLength(before);
});

test("is given up after thirty days", async () => {
  await using topic = await Topic.open();
  topic.answer = () => denied;
  topic.notifier();
  topic.deliver("a");
  await expect.poll(() => topic.keys.length).toBeGreaterThan(2);
  expect(topic.announcements.trails()).toEqual(["one"]);
  topic.now += 31 * 86_400_000;
  await gone(topic);
});
