import type { CloudTrailRecord } from "../../support/opentrail-process.ts";
import { queryCall } from "../../support/raw-call.ts";
import { TRAIL_BUCKET } from "./service-calls.ts";

/** A request; its user agent is the call's mark, its subject stands among its parameters. */
export interface KindRequest {
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface CallKind {
  readonly eventName: string;
  readonly eventSource: string;
  /** Signing name. */
  readonly service: string;
  readonly changing: boolean;
  /** A data event: on record only where somebody asked for those. */
  readonly data: boolean;
  /** Answered by OpenTrail itself; the backend must never see it. */
  readonly own: boolean;
  readonly wire: "json" | "query" | "s3" | "cbor";
  readonly request: (subject: string) => KindRequest;
  /** The body of a plain answer; default: one that says nothing. */
  readonly answer?: (subject: string) => string;
  /** Where the record shows the subject. */
  readonly shown: (record: CloudTrailRecord) => unknown;
}

const parameter =
  (name: string) =>
  (record: CloudTrailRecord): unknown =>
    record["requestParameters"]?.[name];

const common = { changing: true, data: false, own: false } as const;

function iam(eventName: string, changing: boolean): CallKind {
  return {
    ...common,
    changing,
    eventName,
    eventSource: "iam.amazonaws.com",
    service: "iam",
    wire: "query",
    request: (subject) => queryCall("iam", "2010-05-08", eventName, { UserName: subject }),
    shown: parameter("userName"),
  };
}

function json(service: string, target: string, member: string, more: Partial<CallKind> = {}, input: object = {}): CallKind {
  const eventName = target.slice(target.lastIndexOf(".") + 1);
  return {
    ...common,
    eventName,
    eventSource: `${service}.amazonaws.com`,
    service,
    wire: "json",
    request: (subject) => ({
      line: "POST /",
      headers: { "x-amz-target": target, "content-type": "application/x-amz-json-1.1" },
      body: JSON.stringify({ [member]: subject, ...input }),
    }),
    shown: parameter(member.charAt(0).toLowerCase() + member.slice(1)),
    ...more,
  };
}

function s3(eventName: string, line: (bucket: string) => string, more: Partial<CallKind> = {}, body?: string | Buffer): CallKind {
  return {
    ...common,
    eventName,
    eventSource: "s3.amazonaws.com",
    service: "s3",
    wire: "s3",
    request: (subject) => ({ line: line(subject), ...(body === undefined ? {} : { body }) }),
    shown: parameter("bucketName"),
    ...more,
  };
}

const POLICY = JSON.stringify({ Version: "2012-10-17", Statement: [] });
const VERSIONING = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const TRAIL = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
const own = { own: true } as const;

/** One text member, as CBOR. */
function cborMap(name: string, text: string): Buffer {
  const textOf = (value: string): Buffer =>
    Buffer.concat([value.length < 24 ? Buffer.of(0x60 + value.length) : Buffer.of(0x78, value.length), Buffer.from(value)]);
  return Buffer.concat([Buffer.of(0xa1), textOf(name), textOf(text)]);
}

const putMetricAlarm: CallKind = {
  ...common,
  eventName: "PutMetricAlarm",
  eventSource: "monitoring.amazonaws.com",
  service: "monitoring",
  wire: "cbor",
  request: (subject) => ({
    line: "POST /service/GraniteServiceVersion20100801/operation/PutMetricAlarm",
    headers: { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor", accept: "application/cbor" },
    body: cborMap("AlarmName", subject),
  }),
  shown: parameter("alarmName"),
};

/** The code of a function, in the request's JSON: a body that takes the client and the backend a while. */
const createFunction: CallKind = {
  ...common,
  eventName: "CreateFunction20150331",
  eventSource: "lambda.amazonaws.com",
  service: "lambda",
  wire: "json",
  request: (subject) => ({
    line: "POST /2015-03-31/functions",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      FunctionName: subject,
      Role: "arn:aws:iam::000000000000:role/r",
      Code: { ZipFile: "QUJD".repeat(50_000) },
    }),
  }),
  shown: parameter("functionName"),
};

export const createTrail = json("cloudtrail", `${TRAIL}.CreateTrail`, "Name", own, { S3BucketName: TRAIL_BUCKET });
export const deleteTrail = json("cloudtrail", `${TRAIL}.DeleteTrail`, "Name", own);
export const lookupEvents = json("cloudtrail", `${TRAIL}.LookupEvents`, "NextToken", { ...own, changing: false });
export const listTrails = json("cloudtrail", `${TRAIL}.ListTrails`, "NextToken", { ...own, changing: false });
export const createUser = iam("CreateUser", true);
export const getUser = iam("GetUser", false);
export const putParameter = json("ssm", "AmazonSSM.PutParameter", "Name", {}, { Value: "v", Type: "String" });
export const putBucketPolicy = s3("PutBucketPolicy", (bucket) => `PUT /${bucket}?policy`, {}, POLICY);
const object = { shown: parameter("bucketName"), data: true };

/** Its answer teaches OpenTrail whose key it is, and the secret, which it keeps sealed. */
const createAccessKey: CallKind = {
  ...iam("CreateAccessKey", true),
  answer: (subject) => {
    const letters = [...Buffer.from(subject).toString("hex")].map((digit) => "ABCDEFGHIJKLMNOP"[Number.parseInt(digit, 16)]);
    const id = `AKIA${letters.join("").slice(-16).padStart(16, "A")}`;
    const key = `<UserName>${subject}</UserName><AccessKeyId>${id}</AccessKeyId><Status>Active</Status><SecretAccessKey>${"s".repeat(40)}</SecretAccessKey>`;
    return `<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey>${key}</AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>`;
  },
};

/** In the proportion in which they are called. */
export const ordinaryKinds: readonly CallKind[] = [
  createUser,
  createUser,
  iam("DeleteUser", true),
  createAccessKey,
  getUser,
  putParameter,
  json("ssm", "AmazonSSM.GetParameter", "Name", { changing: false }),
  json("dynamodb", "DynamoDB_20120810.CreateTable", "TableName"),
  json("sqs", "AmazonSQS.CreateQueue", "QueueName"),
  s3("CreateBucket", (bucket) => `PUT /${bucket}`),
  s3("DeleteBucket", (bucket) => `DELETE /${bucket}`),
  putBucketPolicy,
  s3("PutBucketVersioning", (bucket) => `PUT /${bucket}?versioning`, {}, VERSIONING),
  s3("GetBucketAcl", (bucket) => `GET /${bucket}?acl`, { changing: false }),
  putMetricAlarm,
  createFunction,
  s3("PutObject", (bucket) => `PUT /${bucket}/key`, object, Buffer.alloc(300_000, "upload ")),
  s3("GetObject", (bucket) => `GET /${bucket}/key`, { ...object, changing: false }),
  createTrail,
  deleteTrail,
];
