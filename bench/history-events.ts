import { randomBytes, randomUUID } from "node:crypto";
import { isoSeconds } from "../src/base/clock.ts";
import type { EventIndex } from "../src/event/built-event.ts";
import type { StoredEntry } from "../src/journal/journal.ts";

/** Calls that a busy account sees, with how often: reads far more than writes, a few services most of the time. */
const CALLS = [
  ["sts.amazonaws.com", "AssumeRole", true, 90, "AWS::IAM::Role"],
  ["kms.amazonaws.com", "Decrypt", true, 80, "AWS::KMS::Key"],
  ["kms.amazonaws.com", "GenerateDataKey", true, 30, "AWS::KMS::Key"],
  ["ec2.amazonaws.com", "DescribeInstances", true, 120, undefined],
  ["ec2.amazonaws.com", "DescribeVolumes", true, 60, undefined],
  ["ec2.amazonaws.com", "DescribeSecurityGroups", true, 40, undefined],
  ["ec2.amazonaws.com", "RunInstances", false, 4, "AWS::EC2::Instance"],
  ["ec2.amazonaws.com", "TerminateInstances", false, 4, "AWS::EC2::Instance"],
  ["ec2.amazonaws.com", "CreateTags", false, 10, "AWS::EC2::Instance"],
  ["s3.amazonaws.com", "GetBucketAcl", true, 30, "AWS::S3::Bucket"],
  ["s3.amazonaws.com", "ListBuckets", true, 15, undefined],
  ["s3.amazonaws.com", "PutBucketPolicy", false, 2, "AWS::S3::Bucket"],
  ["iam.amazonaws.com", "GetRole", true, 25, undefined],
  ["iam.amazonaws.com", "ListAttachedRolePolicies", true, 15, undefined],
  ["iam.amazonaws.com", "CreateRole", false, 1, "AWS::IAM::Role"],
  ["iam.amazonaws.com", "AttachRolePolicy", false, 1, "AWS::IAM::Role"],
  ["logs.amazonaws.com", "CreateLogStream", false, 40, undefined],
  ["logs.amazonaws.com", "DescribeLogGroups", true, 20, undefined],
  ["lambda.amazonaws.com", "UpdateFunctionCode20150331v2", false, 2, "AWS::Lambda::Function"],
  ["sqs.amazonaws.com", "GetQueueAttributes", true, 30, "AWS::SQS::Queue"],
  ["dynamodb.amazonaws.com", "DescribeTable", true, 25, "AWS::DynamoDB::Table"],
  ["secretsmanager.amazonaws.com", "GetSecretValue", true, 30, undefined],
  ["ssm.amazonaws.com", "UpdateInstanceInformation", false, 60, undefined],
  ["cloudtrail.amazonaws.com", "LookupEvents", true, 5, undefined],
] as const;

/** Spread evenly over all days: a page of the first lies in 50 segments, one of the second in all files. */
export const SELDOM = {
  thin: { oneIn: 20_000, key: "AKIATHINTHINTHIN2345", user: "thin-user", resource: "thin-resource", name: "StopLogging" },
  rare: { oneIn: 500_000, key: "AKIARARERARERARE2345", user: "rare-user", resource: "rare-resource", name: "DeleteTrail" },
} as const;

const WHEEL: readonly number[] = CALLS.flatMap((call, at) => Array.from({ length: call[3] }, () => at));
const AGENTS = [
  "aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.1 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.211.1",
  "Boto3/1.37.23 md/Botocore#1.37.23 ua/2.0 os/linux#6.8.0 md/arch#x86_64 lang/python#3.12.9 md/pyimpl#CPython cfg/retry-mode#legacy",
  "aws-cli/2.27.32 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.3 md/pyimpl#CPython m/n,Z,E,b md/installer#exe",
  "aws-internal/3 aws-sdk-java/1.12.782 Linux/5.10.233 OpenJDK_64-Bit_Server_VM/25.442 java/1.8.0_442",
  "APN/1.0 HashiCorp/1.0 Terraform/1.11.2 (+https://www.terraform.io) terraform-provider-aws/5.92.0 aws-sdk-go-v2/1.36.3",
];

/** Events that are made whole. After that they come again with other ids, times, keys and sessions, which is ten times quicker. */
const TEMPLATES = 20_000;
/** The part of a key and of a session's name that differs from one round of templates to the next. */
const ROUND_LENGTH = 5;

interface Template {
  readonly head: Buffer;
  readonly body: Buffer;
  readonly inHead: Places;
  readonly inBody: Places;
}

/** Where the changing parts of a text are. */
interface Places {
  readonly eventId: readonly number[];
  readonly requestId: readonly number[];
  /** Epoch seconds in a head, ISO 8601 in a body. */
  readonly time: readonly number[];
  /** Ends of keys and sessions. */
  readonly round: readonly number[];
}

/** Random but repeatable enough for figures: a role session lives for some 400 calls, resources are drawn from 5,000. */
export class HistoryEvents {
  readonly account = "123456789012";
  readonly #encoder = new TextEncoder();
  readonly #keys: { key: string; session: string; role: number; left: number }[] = [];
  readonly #templates: Template[] = [];
  #made = 0;
  #position = 0;

  /** `count` entries, one every `step` seconds from `from` on, jittered by 3 seconds. */
  batch(count: number, from: number, step: number): StoredEntry[] {
    return Array.from({ length: count }, (_, at) => {
      const time = Math.floor(from + at * step - Math.random() * 3);
      const seldom = [SELDOM.thin, SELDOM.rare].find(({ oneIn }) => Math.random() < 1 / oneIn);
      if (seldom !== undefined) return this.#entry(time, seldom).entry;
      if (this.#templates.length === TEMPLATES) return this.#again(time);
      const { entry, places } = this.#entry(time);
      const [head, body] = [Buffer.from(entry.head), Buffer.from(entry.body)];
      this.#templates.push({ head, body, inHead: placesOf(head, places), inBody: placesOf(body, places) });
      return entry;
    });
  }

  #again(time: number): StoredEntry {
    const template = this.#templates[this.#made % TEMPLATES];
    if (template === undefined) throw new Error("no templates");
    const round = Math.floor(this.#made / TEMPLATES)
      .toString(16)
      .toUpperCase()
      .padStart(ROUND_LENGTH, "A");
    this.#made += 1;
    const [eventId, requestId] = [randomUUID(), randomUUID()];
    const patched = (bytes: Buffer, places: Places, when: string): Uint8Array => {
      const copy = Buffer.from(bytes);
      for (const at of places.eventId) copy.write(eventId, at, "latin1");
      for (const at of places.requestId) copy.write(requestId, at, "latin1");
      for (const at of places.time) copy.write(when, at, "latin1");
      for (const at of places.round) copy.write(round, at, "latin1");
      return copy;
    };
    this.#position += 1;
    return {
      position: this.#position,
      kind: "event",
      head: patched(template.head, template.inHead, String(time)),
      body: patched(template.body, template.inBody, isoSeconds(time * 1000)),
    };
  }

  #session(): { key: string; session: string; role: number } {
    const at = Math.floor(Math.random() * 60);
    let found = this.#keys[at];
    if (found === undefined || found.left-- <= 0) {
      const role = Math.floor(Math.random() * 40);
      found = { key: `ASIA${token(16)}`, session: `i-${randomBytes(8).toString("hex").slice(0, 17)}`, role, left: 400 };
      this.#keys[at] = found;
    }
    return found;
  }

  #entry(time: number, seldom?: (typeof SELDOM)[keyof typeof SELDOM]): { entry: StoredEntry; places: Parts } {
    const call = CALLS[WHEEL[Math.floor(Math.random() * WHEEL.length)] ?? 0] ?? CALLS[0];
    const [source, name, readOnly, , type] = seldom === undefined ? call : seldomCall(seldom.name);
    const own = this.#session();
    const { role } = own;
    const { key, session } = seldom === undefined ? own : { key: seldom.key, session: seldom.user };
    const [eventId, requestId] = [randomUUID(), randomUUID()];
    const resource =
      seldom?.resource ?? `${name.toLowerCase().slice(0, 6)}-${Math.floor(Math.random() ** 2 * 5000).toString(16)}`;
    const record = {
      eventVersion: "1.11",
      userIdentity: {
        type: "AssumedRole",
        principalId: `AROA${(role * 7919).toString(36).toUpperCase().padStart(16, "Q")}:${session}`,
        arn: `arn:aws:sts::${this.account}:assumed-role/service-role-${role}/${session}`,
        accountId: this.account,
        accessKeyId: key,
        sessionContext: {
          sessionIssuer: {
            type: "Role",
            principalId: `AROA${(role * 7919).toString(36).toUpperCase().padStart(16, "Q")}`,
            arn: `arn:aws:iam::${this.account}:role/service-role-${role}`,
            accountId: this.account,
            userName: `service-role-${role}`,
          },
          attributes: { creationDate: isoSeconds((time - 900) * 1000), mfaAuthenticated: "false" },
        },
      },
      eventTime: isoSeconds(time * 1000),
      eventSource: source,
      eventName: name,
      awsRegion: "us-east-1",
      sourceIPAddress: `10.${role}.${Math.floor(Math.random() * 4)}.${Math.floor(Math.random() * 250)}`,
      userAgent: AGENTS[role % AGENTS.length],
      requestParameters: parameters(name, resource),
      responseElements: readOnly && name !== "AssumeRole" ? null : answer(resource),
      ...(source.startsWith("s3") && {
        additionalEventData: { "x-amz-id-2": randomBytes(57).toString("base64"), bytesTransferredOut: at(9000) },
      }),
      requestID: requestId,
      eventID: eventId,
      readOnly,
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: this.account,
      eventCategory: "Management",
      tlsDetails: {
        tlsVersion: "TLSv1.3",
        cipherSuite: "TLS_AES_128_GCM_SHA256",
        clientProvidedHostHeader: source.replace(".", ".us-east-1."),
      },
    };
    const index: EventIndex = {
      eventId,
      time,
      account: this.account,
      region: "us-east-1",
      category: "Management",
      source,
      name,
      readOnly,
      accessKeyId: key,
      username: session,
      resources: type === undefined ? [] : [{ type, name: resource }],
    };
    this.#position += 1;
    const entry: StoredEntry = {
      position: this.#position,
      kind: "event",
      head: this.#encoder.encode(JSON.stringify(index)),
      body: this.#encoder.encode(JSON.stringify(record)),
    };
    return { entry, places: { eventId, requestId, time, key, session } };
  }
}

interface Parts {
  readonly eventId: string;
  readonly requestId: string;
  readonly time: number;
  readonly key: string;
  readonly session: string;
}

function placesOf(text: Buffer, { eventId, requestId, time, key, session }: Parts): Places {
  const all = (part: string, end = 0): readonly number[] => {
    const found: number[] = [];
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1))
      found.push(at + (end > 0 ? part.length - end : 0));
    return found;
  };
  const when = [
    ...all(`"time":${time}`).map((at) => at + 7),
    ...all(`"eventTime":"${isoSeconds(time * 1000)}`).map((at) => at + 13),
  ];
  const round = [...all(key, ROUND_LENGTH), ...all(session, ROUND_LENGTH)];
  return { eventId: all(eventId), requestId: all(requestId), time: when, round };
}

function seldomCall(name: string): readonly [string, string, boolean, number, string] {
  return ["cloudtrail.amazonaws.com", name, false, 1, `AWS::CloudTrail::${name}`];
}

function at(most: number): number {
  return Math.floor(Math.random() * most);
}

/** As varied as parameters are: ids, names, numbers, and now and then a longer list. */
function parameters(name: string, resource: string): object {
  const ids = Array.from({ length: at(3) }, () => ({ instanceId: `i-0${randomBytes(8).toString("hex")}` }));
  return {
    [`${name.slice(0, 1).toLowerCase()}${name.slice(1)}Request`]: { name: resource, maxResults: at(1000) },
    ...(ids.length > 0 && { instancesSet: { items: ids } }),
    encryptionContext: { PARAMETER_ARN: `arn:aws:ssm:us-east-1:123456789012:parameter/${resource}/${at(10_000)}` },
    clientRequestToken: randomBytes(6).toString("base64url"),
  };
}

function answer(resource: string): object {
  return {
    credentials: { accessKeyId: `ASIA${token(16)}`, expiration: isoSeconds(1_772_000_000_000 + at(1e9)) },
    assumedRoleUser: { arn: `arn:aws:sts::123456789012:assumed-role/${resource}/${at(1e9)}` },
  };
}

function token(length: number): string {
  return Array.from(randomBytes(length), (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte & 31]).join("");
}
