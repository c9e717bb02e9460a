import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsCli, type AwsCli } from "../support/aws-cli.ts";
import { startOpenTrail, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { peer } from "../support/peers.ts";

describe.skipIf(peer("aws") === undefined)("the embedded EventBridge and the AWS CLI", () => {
  let trail: OpenTrailProcess;
  let aws: AwsCli;
  let account: string;

  beforeAll(async () => {
    trail = await startOpenTrail();
    aws = awsCli({ endpoint: trail.url });
    ({ Account: account } = await aws.json("sts", "get-caller-identity"));
  });
  afterAll(async () => {
    await trail?.remove();
  });

  test("a rule sends what it matches to a queue, a target's template makes the message", async () => {
    await aws.json("sqs", "create-queue", "--queue-name", "alarms");
    const pattern = '{"source": ["my.app"], "detail": {"level": [{"anything-but": ["debug", "info"]}]}}';
    const made = await aws.json(
      "events",
      "put-rule",
      "--name",
      "alarms",
      "--event-pattern",
      pattern,
      "--tags",
      "Key=team,Value=ops",
    );
    expect(made).toEqual({ RuleArn: `arn:aws:events:us-east-1:${account}:rule/alarms` });
    const target = {
      Id: "queue",
      Arn: `arn:aws:sqs:us-east-1:${account}:alarms`,
      InputTransformer: { InputPathsMap: { what: "$.detail.what" }, InputTemplate: '{"alarm": <what>}' },
    };
    expect(await aws.json("events", "put-targets", "--rule", "alarms", "--targets", JSON.stringify([target]))).toEqual({
      FailedEntryCount: 0,
      FailedEntries: [],
    });
    const entry = (level: string) => ({
      Source: "my.app",
      DetailType: "log",
      Detail: JSON.stringify({ level, what: `a ${level}` }),
    });
    const sent = await aws.json("events", "put-events", "--entries", JSON.stringify([entry("info"), entry("error")]));
    expect(sent).toMatchObject({
      FailedEntryCount: 0,
      Entries: [{ EventId: expect.any(String) }, { EventId: expect.any(String) }],
    });

    const url = `${trail.url}/${account}/alarms`;
    const { Messages } = await aws.json(
      "sqs",
      "receive-message",
      "--queue-url",
      url,
      "--wait-time-seconds",
      "5",
      "--max-number-of-messages",
      "10",
    );
    expect(Messages.map(({ Body }: { Body: string }) => Body)).toEqual(['{"alarm": "a error"}']);

    expect(await aws.json("events", "list-targets-by-rule", "--rule", "alarms")).toEqual({ Targets: [target] });
    expect(await aws.json("events", "describe-rule", "--name", "alarms")).toMatchObject({
      State: "ENABLED",
      EventPattern: pattern,
    });
    expect(await aws.json("events", "list-tags-for-resource", "--resource-arn", made.RuleArn)).toEqual({
      Tags: [{ Key: "team", Value: "ops" }],
    });
    expect(await aws("events", "disable-rule", "--name", "alarms")).toMatchObject({ status: 0 });
    expect((await aws.json("events", "list-rules", "--name-prefix", "al")).Rules).toMatchObject([
      { Name: "alarms", State: "DISABLED" },
    ]);
    await aws.json("events", "remove-targets", "--rule", "alarms", "--ids", "queue");
    expect(await aws("events", "delete-rule", "--name", "alarms")).toMatchObject({ status: 0 });
    expect((await aws("events", "describe-rule", "--name", "alarms")).stderr).toContain(
      "(ResourceNotFoundException) when calling the DescribeRule operation: Rule alarms does not exist on EventBus default.",
    );
  });

  test("patterns can be tried, and what is wrong with them is said in AWS's words", async () => {
    const event = '{"source": "aws.cloudtrail", "detail": {"eventName": "StopLogging"}}';
    const pattern = '{"detail": {"eventName": [{"wildcard": "Stop*"}]}}';
    expect(await aws.json("events", "test-event-pattern", "--event", event, "--event-pattern", pattern)).toEqual({
      Result: true,
    });
    const { status, stderr } = await aws("events", "put-rule", "--name", "bad", "--event-pattern", '{"source": "aws.ec2"}');
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      '(InvalidEventPatternException) when calling the PutRule operation: Event pattern is not valid. Reason: "source" must be an object or an array',
    );
  });
});
