import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsCli, type AwsCli } from "../support/aws-cli.ts";
import { type OpenTrailProcess, startOpenTrail } from "../support/opentrail-process.ts";
import { peer } from "../support/peers.ts";

const cli = peer("aws");
/** The AWS CLI of version 2 under a name of its own: version 1 has no `aws logs tail`. */
const cli2 = peer("aws2");

describe.skipIf(cli === undefined)("CloudWatch Logs of the embedded account, by the AWS CLI", () => {
  let trail: OpenTrailProcess;
  let aws: AwsCli;
  const now = Date.now() - 60_000;
  const messages = ["INFO started", "ERROR disk full", '{"level":"error","code":503}', "INFO ended"];

  beforeAll(async () => {
    trail = await startOpenTrail();
    aws = awsCli({ endpoint: trail.url });
    await aws.json("logs", "create-log-group", "--log-group-name", "/app/cli", "--tags", "team=blue");
    await aws.json("logs", "put-retention-policy", "--log-group-name", "/app/cli", "--retention-in-days", "30");
    const events = JSON.stringify(messages.map((message, index) => ({ timestamp: now + index, message })));
    for (const stream of ["one", "two"]) {
      const names = ["--log-group-name", "/app/cli", "--log-stream-name", stream];
      await aws.json("logs", "create-log-stream", ...names);
      const answer = await aws.json("logs", "put-log-events", ...names, "--log-events", events);
      expect(answer.rejectedLogEventsInfo).toBeUndefined();
    }
  });
  afterAll(async () => await trail?.remove());

  test("groups, streams and tags", async () => {
    const { logGroups } = await aws.json("logs", "describe-log-groups", "--log-group-name-prefix", "/app");
    expect(logGroups).toEqual([
      expect.objectContaining({
        logGroupName: "/app/cli",
        retentionInDays: 30,
        arn: "arn:aws:logs:us-east-1:000000000000:log-group:/app/cli:*",
      }),
    ]);
    const { logStreams } = await aws.json("logs", "describe-log-streams", "--log-group-name", "/app/cli", "--page-size", "1");
    expect(logStreams.map(({ logStreamName }: { logStreamName: string }) => logStreamName)).toEqual(["one", "two"]);
    const { tags } = await aws.json(
      "logs",
      "list-tags-for-resource",
      "--resource-arn",
      logGroups[0].logGroupArn ?? logGroups[0].arn,
    );
    expect(tags).toEqual({ team: "blue" });
  });

  test("events of one stream, back from the newest", async () => {
    const get = async (...more: readonly string[]) =>
      await aws.json(
        "logs",
        "get-log-events",
        "--log-group-name",
        "/app/cli",
        "--log-stream-name",
        "one",
        "--limit",
        "3",
        ...more,
      );
    const texts = ({ events }: { events: readonly { message: string }[] }): string[] => events.map(({ message }) => message);
    const newest = await get();
    expect(texts(newest)).toEqual(messages.slice(1));
    const oldest = await get("--next-token", newest.nextBackwardToken);
    expect(texts(oldest)).toEqual(messages.slice(0, 1));
    const end = await get("--next-token", newest.nextForwardToken);
    expect([texts(end), end.nextForwardToken]).toEqual([[], newest.nextForwardToken]);
  });

  test.each([
    ["ERROR", [1]],
    ['{ $.level = "err*" && $.code >= 5e2 }', [2]],
    ["[level = INFO, what]", [0, 3]],
    ["%^(x)%", "InvalidParameterException"],
  ])("events of all streams, filtered by %s", async (pattern, expected) => {
    const words = ["logs", "filter-log-events", "--log-group-name", "/app/cli", "--page-size", "1", "--filter-pattern", pattern];
    if (typeof expected === "string") {
      const { status, stderr } = await aws(...words);
      expect([status, stderr]).toEqual([expect.any(Number), expect.stringContaining(expected)]);
      expect(status).not.toBe(0);
      return;
    }
    const { events } = await aws.json(...words);
    const found = events.map(({ logStreamName, message }: Record<string, string>) => `${logStreamName} ${message}`);
    expect(found).toEqual(expected.flatMap((index) => ["one", "two"].map((stream) => `${stream} ${messages[index]}`)));
  });

  test("test-metric-filter", async () => {
    const { matches } = await aws.json(
      ...["logs", "test-metric-filter", "--filter-pattern", "{ $.code = 503 }", "--log-event-messages", ...messages],
    );
    expect(matches).toEqual([{ eventNumber: 3, eventMessage: messages[2], extractedValues: { "$.code": "503" } }]);
  });

  test.skipIf(cli2 === undefined)("aws logs tail", async () => {
    // That version has no AWS_ENDPOINT_URL yet.
    const aws2 = awsCli({ endpoint: trail.url, program: "aws2" });
    const endpoint = ["--endpoint-url", trail.url];
    const { status, stdout, stderr } = await aws2(
      ...endpoint,
      "logs",
      "tail",
      "/app/cli",
      "--format",
      "short",
      "--filter-pattern",
      "INFO",
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(/^\S+ /, ""));
    expect(lines).toEqual([messages[0], messages[0], messages[3], messages[3]]);
  });
});
