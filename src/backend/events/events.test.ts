import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  TestEventPatternCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, EventsLab, REGION } from "./events.test-support.ts";

let lab: EventsLab;
let events: EventBridgeClient;
beforeAll(async () => {
  lab = await EventsLab.start();
  events = lab.events;
});
beforeEach(() => void (lab.account.servicePrincipal = undefined));
afterAll(async () => await lab.account.remove());

const PATTERN = '{"source":["nobody"]}';
const ENTRY = { Source: "app", DetailType: "made", Detail: '{"a":1}' };

async function put(...Entries: PutEventsRequestEntry[]) {
  return await events.send(new PutEventsCommand({ Entries }));
}

async function refusal(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return "was not refused";
}

test("an event goes to the queues of all rules that it matches, under one id, with the detail's own text", async () => {
  const [first, second] = [await lab.queue("first"), await lab.queue("second")];
  await lab.rule("one", { source: ["app-1"], detail: { n: [{ exists: true }] } }, [{ Id: "q", Arn: first }]);
  await lab.rule("two", { source: [{ suffix: "-1" }] }, [{ Id: "q", Arn: second }]);
  await lab.rule("three", { source: ["other"] }, [{ Id: "q", Arn: second }]);
  const answer = await put({
    Source: "app-1",
    DetailType: "Thing made",
    Detail: '{ "z": 1,\n "n": 12345678901234567890123, "a": "x\\u00e9  y", "f": 1.0 }',
    Time: new Date("2026-01-02T03:04:05.678Z"),
    Resources: ["arn:aws:s3:::bucket"],
  });
  const id = answer.Entries?.[0]?.EventId;
  expect(answer.FailedEntryCount).toBe(0);
  const expected =
    `{"version":"0","id":"${id}","detail-type":"Thing made","source":"app-1","account":"${ACCOUNT}",` +
    `"time":"2026-01-02T03:04:05Z","region":"${REGION}","resources":["arn:aws:s3:::bucket"],` +
    `"detail":{"z":1,"n":12345678901234567890123,"a":"x\\u00e9  y","f":1.0}}`;
  expect(await lab.bodies("first")).toEqual([expected]);
  expect(await lab.bodies("second")).toEqual([expected]);
  expect(lab.account.errors).toEqual([]);
});

describe("the state of a rule", () => {
  const call = (extra: object): PutEventsRequestEntry => ({
    Source: "aws.cloudtrail",
    DetailType: "AWS API Call via CloudTrail",
    Detail: JSON.stringify({ eventName: "state-test", managementEvent: true, readOnly: false, ...extra }),
  });

  test("decides on read-only management events that come via CloudTrail", async () => {
    const queue = await lab.queue("states");
    const rule = async (name: string, State: "ENABLED" | "DISABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") => {
      await events.send(new PutRuleCommand({ Name: name, State, EventPattern: '{"detail":{"eventName":["state-test"]}}' }));
      await events.send(
        new PutTargetsCommand({
          Rule: name,
          Targets: [
            {
              Id: "q",
              Arn: queue,
              InputTransformer: { InputPathsMap: { what: "$.detail.what" }, InputTemplate: `"${name} <what>"` },
            },
          ],
        }),
      );
    };
    await rule("ordinary", "ENABLED");
    await rule("off", "DISABLED");
    await rule("everything", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
    lab.account.servicePrincipal = "cloudtrail.amazonaws.com";
    const answer = await put(
      call({ what: "read", readOnly: true }),
      call({ what: "write" }),
      call({ what: "data read", managementEvent: false, readOnly: true }),
    );
    expect(answer.FailedEntryCount).toBe(0);
    const bodies = await lab.bodies("states", 5);
    expect([...bodies].sort()).toEqual([
      '"everything data read"',
      '"everything read"',
      '"everything write"',
      '"ordinary data read"',
      '"ordinary write"',
    ]);
  });

  test("is changed by EnableRule and DisableRule", async () => {
    await events.send(new PutRuleCommand({ Name: "switched", EventPattern: PATTERN }));
    const state = async () => (await events.send(new DescribeRuleCommand({ Name: "switched" }))).State;
    await events.send(new DisableRuleCommand({ Name: "switched" }));
    expect(await state()).toBe("DISABLED");
    await events.send(new EnableRuleCommand({ Name: "switched" }));
    expect(await state()).toBe("ENABLED");
  });
});

describe("PutEvents", () => {
  test("tells of each entry what is wrong with it", async () => {
    const { Entries, FailedEntryCount } = await put(
      ENTRY,
      { ...ENTRY, Source: undefined },
      { ...ENTRY, DetailType: "" },
      { ...ENTRY, Detail: undefined },
      { ...ENTRY, Detail: "[1]" },
      { ...ENTRY, Detail: "{" },
      { ...ENTRY, Detail: `${'{"a":'.repeat(1001)}1${"}".repeat(1001)}` },
      { ...ENTRY, Source: "aws.ec2" },
      { ...ENTRY, EventBusName: "no-such-bus" },
    );
    expect(FailedEntryCount).toBe(7);
    expect(Entries?.map(({ EventId, ErrorCode }) => EventId?.length ?? ErrorCode)).toEqual([
      36,
      "InvalidArgument",
      "InvalidArgument",
      "InvalidArgument",
      "MalformedDetail",
      "MalformedDetail",
      "MalformedDetail",
      "NotAuthorizedForSourceException",
      36,
    ]);
    expect(Entries?.[1]?.ErrorMessage).toBe("Parameter Source is not valid. Reason: Source is a required argument.");
    expect(Entries?.[4]?.ErrorMessage).toBe("Detail is malformed.");
  });

  test("lets AWS's services alone speak for AWS's services", async () => {
    lab.account.servicePrincipal = "cloudtrail.amazonaws.com";
    expect((await put({ ...ENTRY, Source: "aws.ec2" })).FailedEntryCount).toBe(0);
    lab.account.servicePrincipal = "somebody.amazonaws.com";
    expect((await put({ ...ENTRY, Source: "aws.ec2" })).FailedEntryCount).toBe(1);
  });

  test("takes ten entries and a megabyte", async () => {
    const detail = (size: number): string => JSON.stringify({ a: "x".repeat(size - 8) });
    const most = { ...ENTRY, Detail: detail(1024 * 1024 - 7) };
    expect((await put(most)).FailedEntryCount).toBe(0);
    expect(await refusal(put({ ...most, Resources: ["x"] }))).toBe(
      "ValidationException: Total size of the entries in the request is over the limit.",
    );
    expect(await refusal(put(...Array.from({ length: 11 }, () => ENTRY)))).toContain(
      "at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
    );
  });
});

describe("rules", () => {
  test("are made, shown, changed as a whole and deleted", async () => {
    const { RuleArn } = await events.send(
      new PutRuleCommand({ Name: "life", EventPattern: PATTERN, Description: "first", Tags: [{ Key: "k", Value: "v" }] }),
    );
    expect(RuleArn).toBe(`arn:aws:events:${REGION}:${ACCOUNT}:rule/life`);
    expect(await events.send(new DescribeRuleCommand({ Name: "life" }))).toMatchObject({
      Name: "life",
      Arn: RuleArn,
      EventPattern: PATTERN,
      State: "ENABLED",
      Description: "first",
      EventBusName: "default",
      CreatedBy: ACCOUNT,
    });
    await events.send(
      new PutRuleCommand({ Name: "life", EventPattern: PATTERN, State: "DISABLED", Tags: [{ Key: "n", Value: "" }] }),
    );
    const changed = await events.send(new DescribeRuleCommand({ Name: "life" }));
    expect([changed.State, changed.Description]).toEqual(["DISABLED", undefined]);
    const tags = async () => (await events.send(new ListTagsForResourceCommand({ ResourceARN: RuleArn }))).Tags;
    expect(await tags()).toEqual([{ Key: "k", Value: "v" }]);
    await events.send(new TagResourceCommand({ ResourceARN: RuleArn, Tags: [{ Key: "l", Value: "w" }] }));
    await events.send(new UntagResourceCommand({ ResourceARN: RuleArn, TagKeys: ["k"] }));
    expect(await tags()).toEqual([{ Key: "l", Value: "w" }]);
    await events.send(new DeleteRuleCommand({ Name: "life" }));
    await events.send(new DeleteRuleCommand({ Name: "life" }));
    expect(await refusal(events.send(new DescribeRuleCommand({ Name: "life" })))).toBe(
      "ResourceNotFoundException: Rule life does not exist on EventBus default.",
    );
    expect(await refusal(tags())).toContain("ResourceNotFoundException");
  });

  test("are listed page by page", async () => {
    const names = ["page-1", "page-2", "page-3"];
    for (const Name of names) await events.send(new PutRuleCommand({ Name, EventPattern: PATTERN }));
    const first = await events.send(new ListRulesCommand({ NamePrefix: "page-", Limit: 2 }));
    const second = await events.send(new ListRulesCommand({ NamePrefix: "page-", Limit: 2, NextToken: first.NextToken }));
    expect([...(first.Rules ?? []), ...(second.Rules ?? [])].map(({ Name }) => Name)).toEqual(names);
    expect(second.NextToken).toBeUndefined();
  });

  test.each<[string, ConstructorParameters<typeof PutRuleCommand>[0], string]>([
    ["no pattern", { Name: "bad" }, "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified."],
    [
      "a bad pattern",
      { Name: "bad", EventPattern: '{"a": 1}' },
      'InvalidEventPatternException: Event pattern is not valid. Reason: "a" must be an object or an array\n at [Source: (String)"{"a": 1}"; line: 1, column: 8]',
    ],
    [
      "a bad name",
      { Name: "b d", EventPattern: PATTERN },
      "ValidationException: 1 validation error detected: Value 'b d' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
    ],
    [
      "no such bus",
      { Name: "bad", EventPattern: PATTERN, EventBusName: "none" },
      "ResourceNotFoundException: Event bus none does not exist.",
    ],
    [
      "a bad schedule",
      { Name: "bad", ScheduleExpression: "daily" },
      "ValidationException: Parameter ScheduleExpression is not valid.",
    ],
    [
      "a schedule",
      { Name: "bad", ScheduleExpression: "rate(5 minutes)" },
      "NotImplemented: The embedded account does not have scheduled rules. Configure an upstream for the service to use them.",
    ],
  ])("%s is refused", async (_name, input, expected) =>
    expect(await refusal(events.send(new PutRuleCommand(input)))).toBe(expected),
  );

  test("belong to a bus, an account and a region", async () => {
    await events.send(new CreateEventBusCommand({ Name: "own", Tags: [{ Key: "a", Value: "b" }] }));
    expect(await refusal(events.send(new CreateEventBusCommand({ Name: "own" })))).toBe(
      "ResourceAlreadyExistsException: Event bus own already exists.",
    );
    const { RuleArn } = await events.send(
      new PutRuleCommand({ Name: "r", EventBusName: "own", EventPattern: '{"source":["app"]}' }),
    );
    expect(RuleArn).toBe(`arn:aws:events:${REGION}:${ACCOUNT}:rule/own/r`);
    await events.send(
      new PutTargetsCommand({ Rule: "r", EventBusName: "own", Targets: [{ Id: "q", Arn: await lab.queue("own-bus") }] }),
    );
    const Arn = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/own`;
    await put(ENTRY, { ...ENTRY, EventBusName: Arn, Detail: '{"to":"own"}' });
    const [body] = await lab.bodies("own-bus");
    expect(JSON.parse(body ?? "").detail).toEqual({ to: "own" });
    const elsewhere = new EventBridgeClient(lab.options("eu-west-1"));
    expect((await elsewhere.send(new ListRulesCommand({}))).Rules).toEqual([]);
    expect((await elsewhere.send(new ListEventBusesCommand({}))).EventBuses?.map(({ Name }) => Name)).toEqual(["default"]);
    expect((await events.send(new DescribeEventBusCommand({ Name: "own" }))).Arn).toBe(Arn);
    expect((await events.send(new ListTagsForResourceCommand({ ResourceARN: Arn }))).Tags).toEqual([{ Key: "a", Value: "b" }]);
    expect((await events.send(new ListEventBusesCommand({}))).EventBuses?.map(({ Name }) => Name)).toEqual(["default", "own"]);
    expect(await refusal(events.send(new DeleteEventBusCommand({ Name: "own" })))).toContain("has rules");
    expect(await refusal(events.send(new DeleteEventBusCommand({ Name: "default" })))).toBe(
      "ValidationException: Cannot delete event bus default.",
    );
  });
});

describe("targets", () => {
  const put5 = async (rule: string, ...Targets: NonNullable<ConstructorParameters<typeof PutTargetsCommand>[0]["Targets"]>) =>
    await events.send(new PutTargetsCommand({ Rule: rule, Targets }));
  let queue: string;
  beforeAll(async () => {
    queue = await lab.queue("targets");
    await events.send(new PutRuleCommand({ Name: "targets", EventPattern: PATTERN }));
  });

  test("are kept as they were given, five at most, and hold their rule", async () => {
    const full = {
      Id: "a",
      Arn: queue,
      InputTransformer: { InputPathsMap: { x: "$.detail.x" }, InputTemplate: '{"x": <x>}' },
      DeadLetterConfig: { Arn: queue },
      RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 },
    };
    expect(await put5("targets", full, { Id: "b", Arn: queue, InputPath: "$.detail" })).toMatchObject({ FailedEntryCount: 0 });
    const listed = await events.send(new ListTargetsByRuleCommand({ Rule: "targets" }));
    expect(listed.Targets).toEqual([full, { Id: "b", Arn: queue, InputPath: "$.detail" }]);
    const more = ["c", "d", "e", "f"].map((Id) => ({ Id, Arn: queue }));
    expect(await refusal(put5("targets", ...more))).toBe(
      "LimitExceededException: The requested resource exceeds the maximum number allowed.",
    );
    expect((await events.send(new ListRuleNamesByTargetCommand({ TargetArn: queue }))).RuleNames).toEqual(["targets"]);
    expect(await refusal(events.send(new DeleteRuleCommand({ Name: "targets" })))).toBe(
      "ValidationException: Rule can't be deleted since it has targets.",
    );
    const removed = await events.send(new RemoveTargetsCommand({ Rule: "targets", Ids: ["a", "b", "z"] }));
    expect(removed.FailedEntries?.map(({ TargetId, ErrorCode }) => [TargetId, ErrorCode])).toEqual([
      ["z", "ResourceNotFoundException"],
    ]);
    expect((await events.send(new ListTargetsByRuleCommand({ Rule: "targets" }))).Targets).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      "an id that is none",
      { Id: "!@#" },
      "at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression",
    ],
    [
      "no ARN",
      { Arn: "queue" },
      "ValidationException: Parameter queue is not valid. Reason: Provided Arn is not in correct format.",
    ],
    [
      "two inputs",
      { Input: "1", InputPath: "$" },
      "Only one of Input, InputPath, or InputTransformer must be provided for target t.",
    ],
    ["an input that is not JSON", { Input: "{" }, "JSON text in Input for target t is not valid."],
    ["a path that is none", { InputPath: "detail" }, "InputPath for target t is invalid."],
    [
      "an unknown variable",
      { InputTransformer: { InputPathsMap: {}, InputTemplate: '"<unknown>"' } },
      "ValidationException: InputTemplate for target t contains invalid placeholder unknown.",
    ],
    [
      "a queue in order without a group",
      { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:q.fifo` },
      "ValidationException: Parameter(s) SqsParameters must be specified for target: t.",
    ],
    [
      "a function",
      { Arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f` },
      "NotImplemented: The embedded account does not have",
    ],
    [
      "another region's queue",
      { Arn: `arn:aws:sqs:eu-west-1:${ACCOUNT}:q` },
      "NotImplemented: The embedded account does not have",
    ],
    [
      "an unset API destination",
      { Arn: `arn:aws:events:${REGION}:${ACCOUNT}:api-destination/none` },
      "ResourceNotFoundException: API destination none",
    ],
    ["too many retries", { RetryPolicy: { MaximumRetryAttempts: 186 } }, "Member must have value less than or equal to 185"],
  ])("%s is refused", async (_name, extra, expected) => {
    expect(await refusal(put5("targets", { Id: "t", Arn: queue, ...extra }))).toContain(expected);
    expect((await events.send(new ListTargetsByRuleCommand({ Rule: "targets" }))).Targets).toEqual([]);
  });
});

test("TestEventPattern answers whether the event matches", async () => {
  const ask = async (EventPattern: string, Event: string) =>
    (await events.send(new TestEventPatternCommand({ EventPattern, Event }))).Result;
  expect(await ask('{"detail":{"a":[{"wildcard":"x*z"}]}}', '{"detail":{"a":"xyz"}}')).toBe(true);
  expect(await ask('{"detail":{"a":[{"wildcard":"x*z"}]}}', '{"detail":{"a":"xy"}}')).toBe(false);
  expect(await refusal(ask('{"a":["b"]}', "nothing"))).toBe("ValidationException: Parameter Event is not valid.");
  expect(await refusal(ask("[]", "{}"))).toContain(
    "InvalidEventPatternException: Event pattern is not valid. Reason: Filter is not an object",
  );
});
