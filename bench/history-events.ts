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

const WHEEL: readonly number[] = CALLS.flatMap((call, at) => Array.from({ length: call[3] }, () => at));
const AGENTS = [
  "aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.1 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.211.1",
  "Boto3/1.37.23 md/Botocore#1.37.23 ua/2.0 os/linux#6.8.0 md/arch#x86_64 lang/python#3.12.9 md/pyimpl#CPython cfg/retry-mode#legacy",
  "aws-cli/2.27.32 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.3 md/pyimpl#CPython m/n,Z,E,b md/installer#exe",
  "aws-internal/3 aws-sdk-java/1.12.782 Linux/5.10.233 OpenJDK_64-Bit_Server_VM/25.442 java/1.8.0_442",
  "APN/1.0 HashiCorp/1.0 Terraform/1.11.2 (+https://www.terraform.io) terraform-provider-aws/5.92.0 aws-sdk-go-v2/1.36.3",
];

/** Random but repeatable enough for figures: a role session lives for some 400 calls, resources are drawn from 5,000. */
export class HistoryEvents {
  readonly account = "123456789012";
  readonly #encoder = new TextEncoder();
  readonly #keys: { key: string; session: string; role: number; left: number }[] = [];
  #position = 0;

  /** `count` entries, one every `step` seconds from `from` on, jittered by 3 seconds. */
  batch(count: number, from: number, step: number): StoredEntry[] {
    return Array.from({ length: count }, (_, at) => this.#entry(Math.floor(from + at * step - Math.random() * 3)));
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

  #entry(time: number): StoredEntry {
    const call = CALLS[WHEEL[Math.floor(Math.random() * WHEEL.length)] ?? 0] ?? CALLS[0];
    const [source, name, readOnly, , type] = call;
    const { key, session, role } = this.#session();
    const eventId = randomUUID();
    const resource = `${name.toLowerCase().slice(0, 6)}-${Math.floor(Math.random() ** 2 * 5000).toString(16)}`;
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
      requestID: randomUUID(),
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
    return {
      position: this.#position,
      kind: "event",
      head: this.#encoder.encode(JSON.stringify(index)),
      body: this.#encoder.encode(JSON.stringify(record)),
    };
  }
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
