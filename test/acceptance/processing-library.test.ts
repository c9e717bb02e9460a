import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMoto } from "../support/moto-server.ts";
import { type CloudTrailRecord, startOpenTrail, until } from "../support/opentrail-process.ts";
import { javaLibrary, peer, run } from "../support/peers.ts";

const REGION = "us-east-1";
const ACCOUNT = "123456789012";
const BUCKET = "trail-logs";
const CONFIG = `
delivery: { flushSeconds: 1, digestMinutes: 1 }
accounts:
  - id: "${ACCOUNT}"
    users: [{ name: alice, path: /people/, accessKeys: [{ id: AKIAALICEKEY000000A }] }]
    services: [{ principal: cloudformation.amazonaws.com, accessKeys: [{ id: AKIASERVICEKEY0000A }] }]
`;
const scripts = join(import.meta.dirname, "scripts");
const java = peer("java");
const jars = javaLibrary("aws-cloudtrail-processing-library", "test/acceptance/scripts/processing-library/pom.xml");
const aws = peer("aws");
/** The Python that the AWS CLI was installed with has boto3 beside it. */
const python = aws === undefined ? undefined : ["python3", "python"].map((name) => join(aws, "..", name)).find(existsSync);
const missing = java === undefined || jars === undefined || python === undefined || peer("moto_server") === undefined;

/** What ReadTrail.java prints, sorted by kind. */
interface Read {
  readonly status: number;
  readonly sources: readonly Record<string, string>[];
  readonly events: readonly { readonly event: Accessors; readonly raw: string; readonly file: string }[];
  readonly steps: readonly { readonly step: string; readonly ok: boolean; readonly about: string }[];
  readonly exceptions: readonly unknown[];
  readonly log: string;
}

type Accessors = Record<string, unknown>;

async function readTrail(url: string, queue: string, messages: number): Promise<Read> {
  const program = join(scripts, "processing-library/ReadTrail.java");
  const ran = await run(java!, ["-cp", jars!, program, url, REGION, queue, String(messages)], {});
  const lines = ran.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, never>);
  return {
    status: ran.status,
    sources: lines.flatMap(({ source }) => source ?? []),
    events: lines.filter(({ event }) => event !== undefined) as unknown as Read["events"],
    steps: lines.filter(({ step }) => step !== undefined) as unknown as Read["steps"],
    exceptions: lines.filter(({ exception }) => exception !== undefined),
    log: ran.stderr,
  };
}

/** What the library's accessors owe for a record: nulls for what is not there, the text of JSON for what it does not type. */
function accessorsOf(record: CloudTrailRecord): Accessors {
  const identity = record["userIdentity"];
  const session = identity["sessionContext"];
  const issuer = session?.["sessionIssuer"];
  const web = session?.["webIdFederationData"];
  return {
    getEventVersion: record["eventVersion"],
    getUserIdentity: {
      getIdentityType: identity["type"],
      getPrincipalId: identity["principalId"] ?? null,
      getARN: identity["arn"] ?? null,
      getAccountId: identity["accountId"] ?? null,
      getAccessKeyId: identity["accessKeyId"] ?? null,
      getUserName: identity["userName"] ?? null,
      getInvokedBy: identity["invokedBy"] ?? null,
      getIdentityProvider: identity["identityProvider"] ?? null,
      getSessionContext:
        session === undefined
          ? null
          : {
              getAttributes: session["attributes"] ?? null,
              getSessionIssuer:
                issuer === undefined
                  ? null
                  : {
                      getType: issuer["type"] ?? null,
                      getPrincipalId: issuer["principalId"] ?? null,
                      getArn: issuer["arn"] ?? null,
                      getAccountId: issuer["accountId"] ?? null,
                      getUserName: issuer["userName"] ?? null,
                    },
              getWebIdFederationData:
                web === undefined
                  ? null
                  : { getFederatedProvider: web["federatedProvider"] ?? null, getAttributes: web["attributes"] ?? null },
            },
    },
    getEventTime: record["eventTime"],
    getEventName: record["eventName"],
    getEventSource: record["eventSource"],
    getAwsRegion: record["awsRegion"],
    getSourceIPAddress: record["sourceIPAddress"],
    getUserAgent: record["userAgent"] ?? null,
    getRequestId: record["requestID"] ?? null,
    getErrorCode: record["errorCode"] ?? null,
    getErrorMessage: record["errorMessage"] ?? null,
    getRequestParameters: record["requestParameters"],
    getResponseElements: record["responseElements"],
    getServiceEventDetails: record["serviceEventDetails"] ?? null,
    getAdditionalEventData: record["additionalEventData"] ?? null,
    getEventId: record["eventID"],
    isReadOnly: record["readOnly"],
    isManagementEvent: record["managementEvent"],
    getResources:
      (record["resources"] as Record<string, string>[] | undefined)?.map((resource) => ({
        getArn: resource["ARN"] ?? null,
        getArnPrefix: resource["ARNPrefix"] ?? null,
        getAccountId: resource["accountId"] ?? null,
        getType: resource["type"] ?? null,
      })) ?? null,
    getAccountId: record["recipientAccountId"] ?? identity["accountId"] ?? issuer?.["accountId"] ?? null,
    getEventType: record["eventType"],
    getApiVersion: record["apiVersion"] ?? null,
    getRecipientAccountId: record["recipientAccountId"],
    getSharedEventId: record["sharedEventID"] ?? null,
    getAnnotation: record["annotation"] ?? null,
    getVpcEndpointId: record["vpcEndpointId"] ?? null,
  };
}

const TEXTS = ["getRequestParameters", "getResponseElements", "getServiceEventDetails", "getAdditionalEventData"];

/** The accessors with their texts of JSON parsed, since the library spaces those in its own way. */
function parsed(accessors: Accessors): Accessors {
  const own = { ...accessors };
  for (const name of TEXTS) {
    const text = own[name];
    if (typeof text === "string") own[name] = JSON.parse(text) as unknown;
  }
  return own;
}

describe.skipIf(missing).each([{ backend: "the embedded account" }, { backend: "moto" }])(
  "readers of a trail's files, before $backend",
  ({ backend }) => {
    const closers: (() => Promise<void> | void)[] = [];
    let url: string;
    let s3: S3Client;
    let sqs: SQSClient;
    let queue: string;
    let files: ReadonlyMap<string, readonly CloudTrailRecord[]>;
    let records: readonly CloudTrailRecord[];
    /** The management events of event history from StartLogging to StopLogging. */
    let recorded: readonly CloudTrailRecord[];
    let read: Read;

    afterAll(async () => {
      for (const close of closers.toReversed()) await close();
    });

    beforeAll(async () => {
      const flags = ["--account-id", ACCOUNT];
      if (backend === "moto") {
        const moto = await startMoto();
        closers.push(async () => await moto.stop());
        flags.push("--upstream", moto.url);
      }
      const directory = mkdtempSync(join(tmpdir(), "opentrail-readers-"));
      closers.push(() => rmSync(directory, { recursive: true }));
      writeFileSync(join(directory, "opentrail.yaml"), CONFIG);
      const process = await startOpenTrail({ flags: ["--config", join(directory, "opentrail.yaml"), ...flags] });
      closers.push(async () => await process.remove());
      ({ url } = process);

      const settings = { endpoint: url, region: REGION, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
      s3 = new S3Client({ ...settings, forcePathStyle: true });
      sqs = new SQSClient(settings);
      const sns = new SNSClient(settings);
      const cloudTrail = new CloudTrailClient(settings);
      closers.push(() => [s3, sqs, sns, cloudTrail].forEach((client) => client.destroy()));
      await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
      const made = await sqs.send(new CreateQueueCommand({ QueueName: "for-the-reader" }));
      queue = made.QueueUrl ?? "";
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ["QueueArn"] }));
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "delivered" }));
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes?.["QueueArn"] }));
      await cloudTrail.send(
        new CreateTrailCommand({
          Name: "varied",
          S3BucketName: BUCKET,
          SnsTopicName: "delivered",
          IsMultiRegionTrail: true,
          EnableLogFileValidation: true,
        }),
      );
      const data = (type: string, prefix: string) => ({
        FieldSelectors: [
          { Field: "eventCategory", Equals: ["Data"] },
          { Field: "resources.type", Equals: [type] },
          { Field: "resources.ARN", StartsWith: [prefix] },
        ],
      });
      const AdvancedEventSelectors = [
        { FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }] },
        data("AWS::S3::Object", "arn:aws:s3:::varied-"),
        data("AWS::DynamoDB::Table", `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/varied-`),
        data("AWS::SQS::Queue", `arn:aws:sqs:${REGION}:${ACCOUNT}:varied-`),
        data("AWS::SNS::Topic", `arn:aws:sns:${REGION}:${ACCOUNT}:varied-`),
        data("AWS::Lambda::Function", `arn:aws:lambda:${REGION}:${ACCOUNT}:function:varied`),
      ];
      await cloudTrail.send(new PutEventSelectorsCommand({ TrailName: "varied", AdvancedEventSelectors }));
      await cloudTrail.send(new StartLoggingCommand({ Name: "varied" }));
      const calls = await run(python!, [join(scripts, "varied_calls.py"), url], { AWS_CONFIG_FILE: "/dev/null" });
      expect(calls).toMatchObject({ status: 0, stderr: "" });
      expect(Number(calls.stdout)).toBeGreaterThanOrEqual(50);
      await cloudTrail.send(new StopLoggingCommand({ Name: "varied" }));

      recorded = await until(async () => {
        const newestFirst = await process.events();
        const at = (name: string): number => newestFirst.findIndex(({ eventName }) => eventName === name);
        return at("StopLogging") < 0 ? undefined : newestFirst.slice(at("StopLogging"), at("StartLogging") + 1);
      }, "the end of logging in event history");
      await until(
        async () => {
          files = await logFiles(s3);
          const ids = new Set([...files.values()].flat().map(({ eventID }) => eventID as string));
          const complete = recorded.every(({ eventID }) => ids.has(eventID as string));
          return complete && (await depth(sqs, queue)) === files.size + 1 ? true : undefined;
        },
        "all that was recorded in log files, and an announcement of each",
        60_000,
      );
      records = [...files.values()].flat();
      read = await readTrail(url, queue, files.size + 1);
    }, 180_000);

    test("the processing library understands every message and every file", () => {
      expect(read.exceptions).toEqual([]);
      // The library counts the message that tries the topic out as one that it did not parse, and then deletes it.
      const failed = read.steps.filter(({ ok }) => !ok);
      expect(failed).toMatchObject([{ step: "parseMessage", about: expect.stringContaining("CloudTrail validation message.") }]);
      expect(read).toMatchObject({ status: 0 });
      expect(read.log).not.toMatch(/Exception|ERROR/);
      expect(read.steps.filter(({ step }) => step === "processLog")).toHaveLength(files.size);
      const source = { SourceType: "CloudTrailLog", accountId: ACCOUNT, ApproximateReceiveCount: "1" };
      expect(read.sources).toEqual([...files].map(() => expect.objectContaining(source)));
    });

    test("it sees each event once, from its file, with what the record says in every accessor", () => {
      const fileOf = new Map([...files].flatMap(([key, inside]) => inside.map(({ eventID }) => [eventID as string, key])));
      expect(read.events.map(({ event }) => event["getEventId"]).toSorted()).toEqual([...fileOf.keys()].toSorted());
      const byId = new Map(records.map((record) => [record["eventID"], record]));
      for (const { event, raw, file } of read.events) {
        const record = byId.get(event["getEventId"])!;
        expect(file).toBe(fileOf.get(record["eventID"]));
        expect(parsed(event)).toEqual(accessorsOf(record));
        expect(JSON.parse(raw)).toEqual(record);
      }
    });

    test("the files have what event history has, and calls of many kinds", () => {
      const managed = records.filter(({ managementEvent }) => managementEvent === true);
      const byId = (some: readonly CloudTrailRecord[]) =>
        some.toSorted((one, other) => (one["eventID"] < other["eventID"] ? -1 : 1));
      expect(byId(managed)).toEqual(byId(recorded));
      const of = (name: string): unknown[] => [...new Set(records.map((record) => record[name]))].toSorted();
      expect(of("eventName").length).toBeGreaterThan(30);
      expect(of("eventCategory")).toEqual(["Data", "Management"]);
      expect(of("awsRegion")).toEqual(["eu-west-3", "us-east-1"]);
      expect(of("eventSource").length).toBeGreaterThan(9);
      expect(records.some(({ errorCode }) => errorCode !== undefined)).toBe(true);
      const identities = records.map(({ userIdentity }) => userIdentity as CloudTrailRecord);
      const types = identities.map(({ type }) => type as string);
      expect(types).toEqual(expect.arrayContaining(["IAMUser", "AWSService", "AWSAccount", "WebIdentityUser"]));
      // Only moto gives sessions.
      const sessions = identities.flatMap(({ sessionContext }) => (sessionContext as CloudTrailRecord | undefined) ?? []);
      expect(sessions.some(({ sessionIssuer }) => sessionIssuer !== undefined)).toBe(backend === "moto");
      expect(sessions.some(({ webIdFederationData }) => webIdFederationData !== undefined)).toBe(backend === "moto");
    });

    test("Athena's columns and Wazuh's reader take all of them", async () => {
      const ran = await run(python!, [join(scripts, "log_readers.py"), url, BUCKET], { AWS_CONFIG_FILE: "/dev/null" });
      expect(ran).toMatchObject({ status: 0, stderr: "" });
      const found = JSON.parse(ran.stdout) as { files: string[]; records: string[]; complaints: string[] };
      expect(found.complaints).toEqual([]);
      expect(found.files.toSorted()).toEqual([...files.keys()].toSorted());
      expect(found.records.toSorted()).toEqual(records.map(({ eventID }) => eventID as string).toSorted());
    });

    test.skipIf(peer("trailscraper") === undefined)(
      "trailscraper finds all of them, in the files and by LookupEvents",
      async () => {
        const directory = mkdtempSync(join(tmpdir(), "opentrail-trailscraper-"));
        closers.push(() => rmSync(directory, { recursive: true }));
        const environment = {
          AWS_ENDPOINT_URL: url,
          AWS_ACCESS_KEY_ID: "test",
          AWS_SECRET_ACCESS_KEY: "test",
          AWS_DEFAULT_REGION: REGION,
        };
        const scrape = async (...flags: string[]) => await run(peer("trailscraper")!, flags, environment);
        const regions = ["--region", REGION, "--region", "eu-west-3"];
        // A file may bear the date of the day that begins within five minutes.
        const when = ["--from", "1 day ago", "--to", "in 1 day", "--log-dir", directory];
        const downloaded = await scrape("download", "--bucket", BUCKET, "--account-id", ACCOUNT, ...regions, ...when);
        expect(downloaded).toMatchObject({ status: 0, stderr: "" });
        const selected = await scrape("select", ...when);
        expect(selected).toMatchObject({ status: 0, stderr: "" });
        const found = (JSON.parse(selected.stdout) as { Records: CloudTrailRecord[] }).Records;
        const byId = new Map(found.map((record) => [record["eventID"], record]));
        expect(found).toHaveLength(records.length);
        expect(records.map(({ eventID }) => byId.get(eventID))).toEqual(records);

        const looked = await scrape("select", "--use-cloudtrail-api", ...when);
        expect(looked).toMatchObject({ status: 0, stderr: "" });
        const events = (JSON.parse(looked.stdout) as { Records: CloudTrailRecord[] }).Records;
        const here = recorded.filter(({ awsRegion }) => awsRegion === REGION);
        expect(events).toEqual(
          expect.arrayContaining(here.map((record) => expect.objectContaining({ eventID: record["eventID"] }))),
        );
      },
    );

    // Last: they leave a bucket behind.
    if (backend === "moto") return;
    const put = async (Key: string, Body: string): Promise<void> => {
      const headers = { ContentType: "application/json", ContentEncoding: "gzip" };
      await s3.send(new PutObjectCommand({ Bucket: "bad-logs", Key, Body: gzipSync(Body), ...headers }));
    };

    test("the library would have complained of a record that is none", async () => {
      const key = [...files.keys()][0]!;
      await s3.send(new CreateBucketCommand({ Bucket: "bad-logs" }));
      await put(key, JSON.stringify({ Records: [{ ...records[0], eventID: "not-a-uuid" }] }));
      const Message = JSON.stringify({ s3Bucket: "bad-logs", s3ObjectKey: [key] });
      await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: JSON.stringify({ Type: "Notification", Message }) }));
      const { events, exceptions } = await readTrail(url, queue, 1);
      expect(events).toEqual([]);
      expect(exceptions).toHaveLength(1);
    });

    test("Wazuh's reader would have missed files that are elsewhere, or something else", async () => {
      const folder = `AWSLogs/${ACCOUNT}/CloudTrail/eu-west-3`;
      const name = (day: string, unique: string): string => `${ACCOUNT}_CloudTrail_eu-west-3_${day}T0915Z_${unique}.json.gz`;
      const inside = { awsRegion: "eu-west-3", requestParameters: null };
      const Records = [{ ...records[0], ...inside }];
      const good = JSON.stringify({ Records });
      const bad: readonly (readonly [key: string, body: string, complaint: string])[] = [
        [`AWSLogs/somebody/CloudTrail/x.json.gz`, good, "AWSLogs/somebody/ is no account's folder"],
        [`${folder}/today/${name("20260302", "A".repeat(16))}`, good, "the day is not where it is looked for"],
        [`${folder}/2026/03/03/${name("20260302", "A".repeat(16))}`, good, "the file's name is not one of its folder"],
        [`${folder}/2026/03/02/${name("20260302", "short")}`, good, "the file's name is not one of its folder"],
        [`${folder}/2026/03/02/${name("20260302", "B".repeat(16))}`, "[]", "not an object with nothing but Records"],
        [
          `${folder}/2026/03/02/${name("20260302", "C".repeat(16))}`,
          JSON.stringify({ Records: [{ ...Records[0], awsRegion: REGION, responseElements: "text" }] }),
          "responseElements is no object",
        ],
      ];
      for (const [key, body] of bad) await put(key, body);
      const ran = await run(python!, [join(scripts, "log_readers.py"), url, "bad-logs"], { AWS_CONFIG_FILE: "/dev/null" });
      const found = JSON.parse(ran.stdout) as { complaints: string[] };
      for (const [key, , complaint] of bad) {
        expect(found.complaints.filter((one) => one.startsWith(key) || one === complaint).join()).toContain(complaint);
      }
      expect(found.complaints.join()).toContain(`has a record of ${ACCOUNT} in ${REGION}`);
    });
  },
);

describe.skipIf(missing)("Athena's columns", () => {
  test("are what they are checked against", async () => {
    const good = {
      eventVersion: "1.11",
      userIdentity: { type: "AssumedRole", accountId: ACCOUNT },
      eventTime: "2026-03-02T09:15:00Z",
      eventSource: "s3.amazonaws.com",
      eventName: "Good",
      awsRegion: REGION,
      eventID: "eeeeeeee-0000-4000-8000-000000000001",
      readOnly: true,
      resources: [{ ARN: "arn:aws:s3:::files", accountId: ACCOUNT, type: "AWS::S3::Bucket" }],
    };
    const bad: readonly (readonly [change: Record<string, unknown>, complaint: string])[] = [
      [{ userIdentity: "alice" }, "record.userIdentity: 'alice' where a struct is due"],
      [{ userIdentity: { accountId: 1 } }, "record.userIdentity.accountId: 1 where a string is due"],
      [{ userIdentity: { accountId: "12" } }, "record.userIdentity.accountId: '12' is no account"],
      [
        { userIdentity: { sessionContext: { attributes: "none" } } },
        "record.userIdentity.sessionContext.attributes: 'none' where a struct is due",
      ],
      [
        { userIdentity: { sessionContext: { attributes: { mfaAuthenticated: false } } } },
        "record.userIdentity.sessionContext.attributes.mfaAuthenticated: False where a string is due",
      ],
      [{ resources: {} }, "record.resources: {} where an array is due"],
      [{ resources: ["arn"] }, "record.resources[0]: 'arn' where a struct is due"],
      [{ readOnly: "true" }, "record.readOnly: 'true' where a boolean is due"],
      [{ tlsDetails: "TLSv1.3" }, "record.tlsDetails: 'TLSv1.3' where a struct is due"],
      [{ eventname: "Again" }, "record.eventname: there twice"],
    ];
    const directory = mkdtempSync(join(tmpdir(), "opentrail-columns-"));
    try {
      const file = join(directory, "records.json");
      writeFileSync(file, JSON.stringify([good, ...bad.map(([change]) => ({ ...good, ...change }))]));
      const ran = await run(python!, [join(scripts, "log_readers.py"), "-", file], {});
      const { complaints } = JSON.parse(ran.stdout) as { complaints: string[] };
      expect(complaints).toEqual(bad.map(([, complaint]) => `Good: ${complaint}`));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

/** The records of each log file, by key. */
async function logFiles(s3: S3Client): Promise<ReadonlyMap<string, readonly CloudTrailRecord[]>> {
  const found = new Map<string, readonly CloudTrailRecord[]>();
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "AWSLogs/" }));
  for (const { Key: key = "" } of Contents) {
    if (key.endsWith("/") || !key.includes("/CloudTrail/")) continue;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
    found.set(key, (JSON.parse(text) as { Records: CloudTrailRecord[] }).Records);
  }
  return found;
}

async function depth(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const AttributeNames = ["ApproximateNumberOfMessages"] as const;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }));
  return Number(Attributes?.["ApproximateNumberOfMessages"]);
}
