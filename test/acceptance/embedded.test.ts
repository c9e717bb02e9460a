import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsCli, type AwsCli } from "../support/aws-cli.ts";
import { startOpenTrail, until, type OpenTrailProcess } from "../support/opentrail-process.ts";
import { peer } from "../support/peers.ts";
import { expectRecord } from "../support/record-shape.ts";

const files = mkdtempSync(join(tmpdir(), "opentrail-files-"));

describe.skipIf(peer("aws") === undefined)("a newcomer with the AWS CLI and the embedded account", () => {
  let trail: OpenTrailProcess;
  let aws: AwsCli;

  beforeAll(async () => {
    trail = await startOpenTrail();
    aws = awsCli({ endpoint: trail.url });
  });
  afterAll(async () => {
    await trail?.remove();
  });

  test("works, and finds the management calls within a second, the data calls not at all", async () => {
    const local = join(files, "hello.txt");
    writeFileSync(local, "hello trail\n");
    for (const line of [
      ["s3", "mb", "s3://audit-me"],
      ["s3", "cp", local, "s3://audit-me/hello.txt"],
      ["s3", "cp", "s3://audit-me/hello.txt", join(files, "back.txt")],
      ["s3", "ls", "s3://audit-me/"],
      [
        ...["dynamodb", "create-table", "--table-name", "orders", "--billing-mode", "PAY_PER_REQUEST"],
        ...["--attribute-definitions", "AttributeName=id,AttributeType=S", "--key-schema", "AttributeName=id,KeyType=HASH"],
      ],
      ["dynamodb", "put-item", "--table-name", "orders", "--item", '{"id":{"S":"o-1"},"note":{"S":"private"}}'],
      ["sqs", "create-queue", "--queue-name", "jobs"],
      ["sts", "get-caller-identity"],
    ]) {
      const ran = await aws(...line);
      expect(ran, line.join(" ")).toMatchObject({ status: 0 });
    }
    expect(readFileSync(join(files, "back.txt"), "utf8")).toBe("hello trail\n");

    const done = Date.now();
    const names = await until(async () => {
      const { Events } = await aws.json("cloudtrail", "lookup-events");
      const found = Events.map((event: { EventName: string }) => event.EventName);
      return found.includes("GetCallerIdentity") ? (found as string[]) : undefined;
    }, "the calls in event history");
    const newest = await trail.events({ eventName: "GetCallerIdentity" });
    expect(Date.parse(newest[0]!["eventTime"])).toBeLessThanOrEqual(done);
    expect(names).toEqual(expect.arrayContaining(["CreateBucket", "CreateTable", "CreateQueue", "GetCallerIdentity"]));
    for (const data of ["PutObject", "GetObject", "HeadObject", "ListObjects", "PutItem"]) expect(names).not.toContain(data);
  });

  test("each event is AWS's shape: a string of JSON, a string for ReadOnly, a number for the time", async () => {
    const { Events } = await aws.json(
      "cloudtrail",
      "lookup-events",
      "--lookup-attributes",
      "AttributeKey=EventName,AttributeValue=CreateBucket",
    );
    expect(Events).toHaveLength(1);
    const [event] = Events;
    expect(event).toMatchObject({
      EventName: "CreateBucket",
      ReadOnly: "false",
      EventSource: "s3.amazonaws.com",
      AccessKeyId: "test",
      Resources: [{ ResourceType: "AWS::S3::Bucket", ResourceName: "audit-me" }],
    });
    const record = JSON.parse(event.CloudTrailEvent);
    expectRecord(record);
    expect(record).toMatchObject({
      eventID: event.EventId,
      awsRegion: "us-east-1",
      sourceIPAddress: "127.0.0.1",
      userAgent: expect.stringMatching(/^\[aws-cli\/.*\]$/),
      requestParameters: { bucketName: "audit-me", Host: new URL(trail.url).host },
      readOnly: false,
    });
  });

  test("reading the trail is itself recorded", async () => {
    const [record] = await trail.untilEvents({ eventName: "LookupEvents" });
    expectRecord(record!);
    expect(record).toMatchObject({ eventSource: "cloudtrail.amazonaws.com", readOnly: true, responseElements: null });
  });

  test("the CLI pages through everything", async () => {
    for (let n = 0; n < 6; n += 1) {
      await Promise.all(
        Array.from({ length: 10 }, async () => await fetch(`${trail.url}/?Action=GetCallerIdentity&Version=2011-06-15`)),
      );
    }
    const { Events } = await aws.json("cloudtrail", "lookup-events");
    expect(Events.length).toBeGreaterThan(60);
    expect(new Set(Events.map((event: { EventId: string }) => event.EventId)).size).toBe(Events.length);
  });

  test("bad questions get AWS's errors", async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [
        ["--lookup-attributes", "AttributeKey=EventName,AttributeValue=a", "AttributeKey=Username,AttributeValue=b"],
        "InvalidLookupAttributesException",
      ],
      [["--start-time", "2026-03-02", "--end-time", "2026-03-01"], "InvalidTimeRangeException"],
      [["--event-category", "management"], "InvalidEventCategoryException"],
      [["--no-paginate", "--next-token", "nonsense"], "InvalidNextTokenException"],
    ];
    for (const [flags, code] of cases) {
      const ran = await aws("cloudtrail", "lookup-events", ...flags);
      expect(ran.stderr).toContain(`(${code})`);
    }
  });

  test("operations that the embedded account lacks say so in the caller's protocol, and are recorded", async () => {
    const ran = await aws("iam", "list-users");
    expect(ran.status).not.toBe(0);
    expect(ran.stderr).toContain("(NotImplemented)");
    const [record] = await trail.untilEvents({ eventName: "ListUsers" });
    expect(record).toMatchObject({ eventSource: "iam.amazonaws.com", errorCode: "NotImplemented", awsRegion: "us-east-1" });
  });
});

describe.skipIf(peer("aws") === undefined)("history that keeps data events", () => {
  test("shows them to opentrail lookup, and never to LookupEvents", async () => {
    const trail = await startOpenTrail({ flags: ["--history-data-events"] });
    try {
      const aws = awsCli({ endpoint: trail.url });
      const local = join(files, "data.txt");
      writeFileSync(local, "x".repeat(42));
      await aws.json("s3api", "create-bucket", "--bucket", "data-events");
      await aws.json("s3api", "put-object", "--bucket", "data-events", "--key", "reports/daily.csv", "--body", local);
      await aws.json(
        ...["dynamodb", "create-table", "--table-name", "orders", "--billing-mode", "PAY_PER_REQUEST"],
        ...["--attribute-definitions", "AttributeName=id,AttributeType=S", "--key-schema", "AttributeName=id,KeyType=HASH"],
      );
      await aws.json("dynamodb", "put-item", "--table-name", "orders", "--item", '{"id":{"S":"o-1"},"note":{"S":"private"}}');

      const [put] = await trail.untilEvents({ eventName: "PutObject" });
      expectRecord(put!);
      expect(put).toMatchObject({
        eventCategory: "Data",
        requestParameters: { bucketName: "data-events", key: "reports/daily.csv" },
        resources: [
          { type: "AWS::S3::Bucket", ARN: "arn:aws:s3:::data-events" },
          { type: "AWS::S3::Object", ARN: "arn:aws:s3:::data-events/reports/daily.csv" },
        ],
        additionalEventData: {
          SignatureVersion: "SigV4",
          AuthenticationMethod: "AuthHeader",
          objectSize: 42,
          httpStatusCode: 200,
        },
      });
      const [item] = await trail.untilEvents({ eventName: "PutItem" });
      expect(item!["requestParameters"]).toEqual({
        tableName: "orders",
        key: { id: "o-1" },
        items: expect.arrayContaining(["id", "note"]),
      });
      expect(JSON.stringify(item)).not.toContain("private");

      const { Events } = await aws.json("cloudtrail", "lookup-events");
      expect(Events.map((event: { EventName: string }) => event.EventName)).not.toContain("PutObject");
    } finally {
      await trail.remove();
    }
  });
});
