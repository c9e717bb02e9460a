import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { type AwsCli, awsCli } from "../support/aws-cli.ts";
import { startMoto } from "../support/moto-server.ts";
import { type CloudTrailRecord, type OpenTrailProcess, startOpenTrail, until } from "../support/opentrail-process.ts";
import { peer } from "../support/peers.ts";

const missing = peer("aws") === undefined || peer("moto_server") === undefined;
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A trail flushes each second here, and signs a digest each minute. */
async function start(flags: readonly string[] = []): Promise<OpenTrailProcess> {
  const directory = mkdtempSync(join(tmpdir(), "opentrail-trails-"));
  const config = join(directory, "opentrail.yaml");
  writeFileSync(config, "delivery: { flushSeconds: 1, digestMinutes: 1 }\n");
  const process = await startOpenTrail({ flags: ["--config", config, ...flags] });
  closers.push(
    () => rmSync(directory, { recursive: true }),
    async () => await process.remove(),
  );
  return process;
}

/** All records of the trail's log files, each with its file. */
async function records(aws: AwsCli, bucket: string): Promise<readonly { key: string; record: CloudTrailRecord }[]> {
  const listed = await aws.json("s3api", "list-objects-v2", "--bucket", bucket);
  const keys = ((listed?.Contents ?? []) as { Key: string }[])
    .map(({ Key }) => Key)
    .filter((key) => key.includes("/CloudTrail/") && !key.endsWith("/"));
  const directory = mkdtempSync(join(tmpdir(), "opentrail-files-"));
  try {
    const found = [];
    for (const key of keys) {
      const file = join(directory, "file");
      await aws.json("s3api", "get-object", "--bucket", bucket, "--key", key, file);
      const { Records } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { Records: CloudTrailRecord[] };
      found.push(...Records.map((record) => ({ key, record })));
    }
    return found;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function untilRecorded(
  aws: AwsCli,
  bucket: string,
  name: string,
): Promise<readonly { key: string; record: CloudTrailRecord }[]> {
  return await until(
    async () => {
      const found = await records(aws, bucket);
      return found.some(({ record }) => record["eventName"] === name) ? found : undefined;
    },
    `a ${name} in a log file`,
    60_000,
  );
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

async function validate(aws: AwsCli, arn: string, since: number): Promise<{ status: number; stdout: string; stderr: string }> {
  const times = ["--start-time", iso(since), "--end-time", iso(Date.now() + 60_000)];
  return await aws("cloudtrail", "validate-logs", "--trail-arn", arn, ...times, "--verbose");
}

describe.skipIf(missing)("a trail, with nothing but the stock AWS CLI", () => {
  test("in the embedded account: files, digests, and the one that was touched", { timeout: 360_000 }, async () => {
    const { url } = await start();
    const aws = awsCli({ endpoint: url });
    await aws.json("s3api", "create-bucket", "--bucket", "trail-logs");
    const trail = ["--name", "everything", "--s3-bucket-name", "trail-logs", "--enable-log-file-validation"];
    const { TrailARN } = await aws.json("cloudtrail", "create-trail", ...trail);
    const startedAt = Date.now();
    await aws.json("cloudtrail", "start-logging", "--name", "everything");
    await aws.json("sqs", "create-queue", "--queue-name", "jobs");
    await aws.json("sns", "create-topic", "--name", "news");
    const found = await untilRecorded(aws, "trail-logs", "CreateTopic");
    expect(found.map(({ record }) => record["eventName"])).toEqual(
      expect.arrayContaining(["StartLogging", "CreateQueue", "CreateTopic"]),
    );
    // Data events were not asked for, and nothing is in two files.
    expect(found.some(({ record }) => record["eventCategory"] !== "Management")).toBe(false);
    expect(new Set(found.map(({ record }) => record["eventID"])).size).toBe(found.length);
    await aws.json("cloudtrail", "stop-logging", "--name", "everything");

    const valid = await until(
      async () => {
        const { status, stdout } = await validate(aws, TrailARN, startedAt - 60_000);
        return status === 0 && /(\d+)\/\1 log files valid/.test(stdout) && stdout.includes("digest files valid")
          ? stdout
          : undefined;
      },
      "digests that name the files",
      180_000,
    );
    expect(valid).not.toContain("INVALID");

    const status = await aws.json("cloudtrail", "get-trail-status", "--name", "everything");
    expect(status).toMatchObject({
      IsLogging: false,
      LatestDeliveryTime: expect.anything(),
      LatestDigestDeliveryTime: expect.anything(),
    });

    const { key } = found[0]!;
    const file = join(mkdtempSync(join(tmpdir(), "opentrail-edit-")), "file");
    await aws.json("s3api", "get-object", "--bucket", "trail-logs", "--key", key, file);
    const text = gunzipSync(readFileSync(file));
    text[text.length - 20] = (text[text.length - 20] ?? 0) ^ 1;
    writeFileSync(file, gzipSync(text));
    await aws.json("s3api", "put-object", "--bucket", "trail-logs", "--key", key, "--body", file);
    const touched = await validate(aws, TrailARN, startedAt - 60_000);
    expect(touched.status).toBe(1);
    expect(touched.stderr).toContain(`${key}\tINVALID: hash value doesn't match`);
  });

  test(
    "before moto: S3, CloudWatch Logs, SNS to SQS and EventBridge to SQS receive the same events",
    { timeout: 300_000 },
    async () => {
      const moto = await startMoto();
      closers.push(async () => await moto.stop());
      const { url } = await start(["--upstream", moto.url, "--account-id", "123456789012"]);
      const aws = awsCli({ endpoint: url });
      const queue = async (name: string): Promise<{ url: string; arn: string }> => {
        const { QueueUrl } = await aws.json("sqs", "create-queue", "--queue-name", name);
        const attributes = ["--queue-url", QueueUrl, "--attribute-names", "QueueArn"];
        return { url: QueueUrl, arn: (await aws.json("sqs", "get-queue-attributes", ...attributes)).Attributes.QueueArn };
      };
      const account = (await aws.json("sts", "get-caller-identity")).Account as string;
      await aws.json("s3api", "create-bucket", "--bucket", "trail-logs");
      const files = await queue("files");
      const events = await queue("events");
      const { TopicArn } = await aws.json("sns", "create-topic", "--name", "delivered");
      await aws.json("sns", "subscribe", "--topic-arn", TopicArn, "--protocol", "sqs", "--notification-endpoint", files.arn);
      await aws.json(
        "events",
        "put-rule",
        "--name",
        "calls",
        "--event-pattern",
        '{"detail-type":["AWS API Call via CloudTrail"]}',
      );
      await aws.json("events", "put-targets", "--rule", "calls", "--targets", `Id=queue,Arn=${events.arn}`);
      await aws.json("logs", "create-log-group", "--log-group-name", "trail");
      const group = `arn:aws:logs:us-east-1:${account}:log-group:trail:*`;
      const role = `arn:aws:iam::${account}:role/CloudTrail_CloudWatchLogs_Role`;
      await aws.json(
        ...["cloudtrail", "create-trail", "--name", "all", "--s3-bucket-name", "trail-logs", "--sns-topic-name", TopicArn],
        ...["--cloud-watch-logs-log-group-arn", group, "--cloud-watch-logs-role-arn", role],
      );
      await aws.json("cloudtrail", "start-logging", "--name", "all");
      const names = ["ada", "grace", "mary"];
      for (const name of names) await aws.json("iam", "create-user", "--user-name", name);

      const users = (found: readonly CloudTrailRecord[]): string[] =>
        [
          ...new Set(found.filter(({ eventName }) => eventName === "CreateUser").map(({ eventID }) => String(eventID))),
        ].toSorted();
      const three = async (what: string, read: () => Promise<readonly CloudTrailRecord[]>): Promise<string[]> =>
        await until(
          async () => {
            const ids = users(await read());
            return ids.length === names.length ? ids : undefined;
          },
          `three users in ${what}`,
          90_000,
        );
      const taken: Record<string, CloudTrailRecord[]> = {};
      const drain = async (from: string): Promise<readonly CloudTrailRecord[]> => {
        const received = (taken[from] ??= []);
        const got = await aws.json("sqs", "receive-message", "--queue-url", from, "--max-number-of-messages", "10");
        received.push(...((got?.Messages ?? []) as { Body: string }[]).map(({ Body }) => JSON.parse(Body) as CloudTrailRecord));
        return received;
      };

      const inFiles = await three("S3", async () => (await records(aws, "trail-logs")).map(({ record }) => record));
      const inLogs = await three("CloudWatch Logs", async () => {
        const got = await aws.json("logs", "filter-log-events", "--log-group-name", "trail");
        return (got.events as { message: string }[]).map(({ message }) => JSON.parse(message) as CloudTrailRecord);
      });
      const onBus = await three("EventBridge", async () =>
        (await drain(events.url)).map(({ detail }) => detail as CloudTrailRecord),
      );
      expect(inLogs).toEqual(inFiles);
      expect(onBus).toEqual(inFiles);

      const announced = await until(
        async () => {
          const messages = (await drain(files.url)).map(({ Message }) => String(Message));
          const notices = messages.filter((text) => text.startsWith("{")).map((text) => JSON.parse(text) as CloudTrailRecord);
          const keys = notices.flatMap(({ s3ObjectKey }) => s3ObjectKey as string[]);
          const all = (await records(aws, "trail-logs")).map(({ key }) => key);
          return all.every((key) => keys.includes(key)) ? { messages, notices } : undefined;
        },
        "an announcement of each file",
        90_000,
      );
      expect(announced.messages).toContain("CloudTrail validation message.");
      expect(announced.notices[0]).toMatchObject({ s3Bucket: "trail-logs", s3ObjectKey: [expect.stringContaining("AWSLogs/")] });
      expect(await aws.json("cloudtrail", "get-trail-status", "--name", "all")).toMatchObject({
        IsLogging: true,
        LatestDeliveryTime: expect.anything(),
        LatestNotificationTime: expect.anything(),
        LatestCloudWatchLogsDeliveryTime: expect.anything(),
      });
    },
  );
});
