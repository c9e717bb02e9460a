import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ACCOUNT, EventsLab, REGION } from "../events.test-support.ts";

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let lab: EventsLab;
let server: Server;
let received: Received[] = [];
/** What the webhook answers, one after the other; the last one stays. */
let statuses: number[] = [200];

beforeAll(async () => {
  lab = await EventsLab.start();
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    received.push({ method: message.method, url: message.url, headers: message.headers, body: await text(message) });
    response.writeHead(statuses.length > 1 ? (statuses.shift() ?? 500) : (statuses[0] ?? 500));
    response.end("some answer");
  };
  server = createServer((message, response) => void serve(message, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  lab.account.apiDestinations.set("hook", `http://127.0.0.1:${port}/in/*/end?fixed=1`);
  await lab.account.restart();
});
afterEach(() => {
  received = [];
  statuses = [200];
});
afterAll(async () => {
  server.close();
  await lab.account.remove();
});

const HOOK = `arn:aws:events:${REGION}:${ACCOUNT}:api-destination/hook/11111111-2222-3333-4444-555555555555`;

async function put(source: string, detail: object = { a: 1 }): Promise<string> {
  const entry = { Source: source, DetailType: "made", Detail: JSON.stringify(detail) };
  const { Entries } = await lab.events.send(new PutEventsCommand({ Entries: [entry] }));
  return Entries?.[0]?.EventId ?? "";
}

async function untilReceived(count: number): Promise<readonly Received[]> {
  await expect.poll(() => received.length).toBeGreaterThanOrEqual(count);
  return received;
}

test("what a target gets is its input, a part of the event, or what its template makes of it", async () => {
  const queue = await lab.queue("inputs");
  await lab.rule("inputs", { source: ["inputs"] }, [
    { Id: "1", Arn: queue, Input: '{ "constant" : true }' },
    { Id: "2", Arn: queue, InputPath: "$.detail.list[1]" },
    { Id: "3", Arn: queue, InputPath: "$.detail.nothing" },
    {
      Id: "4",
      Arn: queue,
      InputTransformer: {
        InputPathsMap: { text: "$.detail.text", number: "$.detail.number", gone: "$.detail.gone", all: "$.detail.list[*].n" },
        InputTemplate:
          '{"rule": <aws.events.rule-name>, "t": <text>, "in": "<text>/<number>/<gone>", "n": <number>, "g": <gone>, "all": <all>}',
      },
    },
    { Id: "5", Arn: queue, InputTransformer: { InputTemplate: '"<aws.events.rule-arn>" <aws.events.event.json>' } },
  ]);
  const id = await put("inputs", { text: 'a "b"', number: 10, list: [{ n: 1 }, { n: 2 }] });
  const bodies = [...(await lab.bodies("inputs", 5))].sort();
  expect(bodies.slice(1)).toEqual([
    "null",
    '{ "constant" : true }',
    '{"n":2}',
    '{"rule": "inputs", "t": "a \\"b\\"", "in": "a \\"b\\"/10/", "n": 10, "g": "", "all": [1,2]}',
  ]);
  expect(bodies[0]).toMatch(new RegExp(`^"arn:aws:events:${REGION}:${ACCOUNT}:rule/inputs" {"version":"0","id":"${id}",`));
});

test("a queue that keeps order gets the target's group", async () => {
  const queue = await lab.queue("order.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" });
  await lab.rule("order", { source: ["order"] }, [{ Id: "q", Arn: queue, SqsParameters: { MessageGroupId: "g" } }]);
  for (const n of [1, 2, 3]) await put("order", { n });
  const messages = await lab.messages("order.fifo", 3);
  expect(messages.map(({ Body = "", Attributes }) => [JSON.parse(Body).detail.n, Attributes?.MessageGroupId])).toEqual([
    [1, "g"],
    [2, "g"],
    [3, "g"],
  ]);
});

test("a topic passes the event on", async () => {
  const queue = await lab.queue("behind-topic");
  const sns = new SNSClient(lab.options());
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "topic" }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queue }));
  await lab.rule("topic", { source: ["topic"] }, [{ Id: "t", Arn: TopicArn }]);
  const id = await put("topic");
  const [body] = await lab.bodies("behind-topic");
  const notification = JSON.parse(body ?? "{}");
  expect(notification.TopicArn).toBe(TopicArn);
  expect(JSON.parse(notification.Message)).toMatchObject({ id, source: "topic", detail: { a: 1 } });
});

test("a log group gets one log event for each event, or the one that the template makes", async () => {
  const logs = new CloudWatchLogsClient(lab.options());
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/events/own" }));
  const group = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/events/own`;
  await lab.rule("logs", { source: ["logs"] }, [
    { Id: "g", Arn: group },
    {
      Id: "made",
      Arn: `${group}:*`,
      InputTransformer: {
        InputPathsMap: { n: "$.detail.n" },
        InputTemplate: `{"timestamp": ${Date.now()}, "message": "n is <n>"}`,
      },
    },
  ]);
  await put("logs", { n: 7 });
  let found: readonly { message?: string | undefined }[] = [];
  await expect
    .poll(async () => (found = (await logs.send(new FilterLogEventsCommand({ logGroupName: "/aws/events/own" }))).events ?? []), {
      timeout: 10_000,
    })
    .toHaveLength(2);
  const messages = found.map(({ message = "" }) => message).sort();
  expect(messages[0]).toBe("n is 7");
  expect(JSON.parse(messages[1] ?? "")).toMatchObject({ source: "logs", detail: { n: 7 } });
});

test("an API destination gets the event by POST, again where it was in trouble", async () => {
  statuses = [503, 200];
  await lab.rule("hook", { source: ["hook"] }, [
    {
      Id: "h",
      Arn: HOOK,
      HttpParameters: {
        PathParameterValues: ["a/b"],
        HeaderParameters: { "x-own": "1", Host: "elsewhere" },
        QueryStringParameters: { q: "ü" },
      },
    },
  ]);
  const id = await put("hook");
  const [first, second] = await untilReceived(2);
  expect(first).toMatchObject({ method: "POST", url: "/in/a%2Fb/end?fixed=1&q=%C3%BC" });
  expect(first?.headers).toMatchObject({ "x-own": "1", "content-type": "application/json; charset=utf-8" });
  expect(first?.headers.host).toMatch(/^127\.0\.0\.1:/);
  expect(JSON.parse(second?.body ?? "").id).toBe(id);
  expect(second?.body).toBe(first?.body);
});

test("the dead-letter queue gets what nobody takes, with what went wrong", async () => {
  const [dead, gone] = [await lab.queue("dead"), await lab.queue("gone")];
  statuses = [500];
  const DeadLetterConfig = { Arn: dead };
  await lab.rule("dead", { source: ["dead"] }, [
    { Id: "h", Arn: HOOK, InputPath: "$.detail", DeadLetterConfig, RetryPolicy: { MaximumRetryAttempts: 1 } },
    { Id: "q", Arn: gone, DeadLetterConfig },
  ]);
  await lab.sqs.send(new DeleteQueueCommand({ QueueUrl: `${lab.account.url}/${ACCOUNT}/gone` }));
  const id = await put("dead");
  const messages = await lab.messages("dead", 2);
  expect(messages.map(({ Body = "" }) => JSON.parse(Body).id)).toEqual([id, id]);
  const told = messages
    .map(({ MessageAttributes = {} }) =>
      Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue])),
    )
    .sort((left, right) => String(left["ERROR_CODE"]).localeCompare(String(right["ERROR_CODE"])));
  expect(told[0]).toMatchObject({ ERROR_CODE: "RESOURCE_NOT_FOUND", TARGET_ARN: gone, RETRY_ATTEMPTS: "0" });
  expect(told[0]).not.toHaveProperty("EXHAUSTED_RETRY_CONDITION");
  expect(told[1]).toEqual({
    RULE_ARN: `arn:aws:events:${REGION}:${ACCOUNT}:rule/dead`,
    TARGET_ARN: HOOK,
    ERROR_CODE: "SDK_CLIENT_ERROR",
    ERROR_MESSAGE: "The API destination answered 500.",
    RETRY_ATTEMPTS: "1",
    EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
  });
  expect(received).toHaveLength(2);
});

test("what is queued goes out after a restart, without a call", async () => {
  statuses = [503];
  await lab.rule("later", { source: ["later"] }, [{ Id: "h", Arn: HOOK }]);
  const ids = [await put("later"), await put("later")];
  await untilReceived(2);
  await lab.account.stop();
  received = [];
  statuses = [200];
  await lab.account.start();
  await expect.poll(() => new Set(received.map(({ body }) => JSON.parse(body).id))).toEqual(new Set(ids));
});

test("a target that does not answer holds up no other", async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  lab.account.apiDestinations.set("silent", `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`);
  await lab.account.restart();
  const queue = await lab.queue("quick");
  const arn = `arn:aws:events:${REGION}:${ACCOUNT}:api-destination/silent`;
  await lab.rule("both", { source: ["both"] }, [
    { Id: "silent", Arn: arn },
    { Id: "quick", Arn: queue },
  ]);
  const begin = performance.now();
  for (let n = 0; n < 20; n++) await put("both", { n });
  expect(await lab.bodies("quick", 20)).toHaveLength(20);
  expect(performance.now() - begin).toBeLessThan(4000);
  silent.closeAllConnections();
  silent.close();
});
