import { describe, expect, test } from "vitest";
import type { Tree } from "../../aws/tree.ts";
import { finishedCall } from "../golden.test-support.ts";
import { serviceRules } from "./all.ts";
import { jsonExchange } from "./json-exchange.test-support.ts";

/** The `resources` of a call with that decoded input. */
function resources(serviceId: string, operationName: string, input: Record<string, Tree>, output?: Record<string, Tree>) {
  const call = { ...finishedCall(jsonExchange("sfn", "ListActivities", {})), serviceId, operationName, input, output };
  return serviceRules.get(serviceId)?.resources?.(call, { requestParameters: null, responseElements: null });
}

const owner = "123456789012";

describe("with a type", () => {
  test.each<[string, string, Record<string, Tree>, string, string]>([
    ["kinesis", "PutRecord", { StreamName: "s" }, "AWS::Kinesis::Stream", `arn:aws:kinesis:us-east-1:${owner}:stream/s`],
    [
      "firehose",
      "PutRecord",
      { DeliveryStreamName: "d" },
      "AWS::KinesisFirehose::DeliveryStream",
      `arn:aws:firehose:us-east-1:${owner}:deliverystream/d`,
    ],
    [
      "codecommit",
      "CreateBranch",
      { repositoryName: "r" },
      "AWS::CodeCommit::Repository",
      `arn:aws:codecommit:us-east-1:${owner}:r`,
    ],
    [
      "efs",
      "DeleteFileSystem",
      { FileSystemId: "fs-1" },
      "AWS::EFS::FileSystem",
      `arn:aws:elasticfilesystem:us-east-1:${owner}:file-system/fs-1`,
    ],
    ["ebs", "ListSnapshotBlocks", { SnapshotId: "snap-1" }, "AWS::EC2::Snapshot", "arn:aws:ec2:us-east-1::snapshot/snap-1"],
    [
      "ses",
      "SendEmail",
      { Source: "Ann <ann@example.com>" },
      "AWS::SES::EmailIdentity",
      `arn:aws:ses:us-east-1:${owner}:identity/ann@example.com`,
    ],
    [
      "sesv2",
      "SendEmail",
      { FromEmailAddress: "ann@example.com" },
      "AWS::SES::EmailIdentity",
      `arn:aws:ses:us-east-1:${owner}:identity/ann@example.com`,
    ],
    [
      "cloudtrail-data",
      "PutAuditEvents",
      { channelArn: `arn:aws:cloudtrail:us-east-1:${owner}:channel/c` },
      "AWS::CloudTrail::Channel",
      `arn:aws:cloudtrail:us-east-1:${owner}:channel/c`,
    ],
    [
      "dynamodb-streams",
      "GetRecords",
      { ShardIterator: `arn:aws:dynamodb:us-east-1:${owner}:table/T/stream/2026-03-02T00:00:00.000|1|AAAA` },
      "AWS::DynamoDB::Stream",
      `arn:aws:dynamodb:us-east-1:${owner}:table/T/stream/2026-03-02T00:00:00.000`,
    ],
  ])("%s %s %j", (serviceId, operation, input, type, arn) => {
    expect(resources(serviceId, operation, input)).toEqual([{ accountId: owner, type, ARN: arn }]);
  });

  test("what is created is known from the answer", () => {
    expect(resources("efs", "CreateFileSystem", {}, { FileSystemId: "fs-2" })).toMatchObject([{ type: "AWS::EFS::FileSystem" }]);
  });

  test("a consumer stands beside its stream", () => {
    const consumer = `arn:aws:kinesis:us-east-1:${owner}:stream/s/consumer/c:1`;
    expect(resources("kinesis", "SubscribeToShard", { ConsumerARN: consumer })).toEqual([
      { accountId: owner, type: "AWS::Kinesis::StreamConsumer", ARN: consumer },
    ]);
  });

  test("metrics have a type alone", () => {
    expect(resources("cloudwatch", "PutMetricData", { Namespace: "n" })).toEqual([{ type: "AWS::CloudWatch::Metric" }]);
    expect(resources("cloudwatch", "PutMetricAlarm", { AlarmName: "a" })).toBeUndefined();
  });
});

describe("without a type", () => {
  test.each<[string, string, Record<string, Tree>, readonly string[]]>([
    ["ecr", "PutImage", { repositoryName: "app" }, [`arn:aws:ecr:us-east-1:${owner}:repository/app`]],
    ["ssm", "GetParameter", { Name: "/app/db" }, [`arn:aws:ssm:us-east-1:${owner}:parameter/app/db`]],
    [
      "ssm",
      "GetParameters",
      { Names: ["a", "/b"] },
      [`arn:aws:ssm:us-east-1:${owner}:parameter/a`, `arn:aws:ssm:us-east-1:${owner}:parameter/b`],
    ],
    ["ssm", "PutParameter", { Name: "a" }, [`arn:aws:ssm:us-east-1:${owner}:parameter/a`]],
    ["ssm", "StartSession", { Target: "i-1" }, [`arn:aws:ec2:us-east-1:${owner}:instance/i-1`]],
    ["ssm", "SendCommand", { InstanceIds: ["mi-1"] }, [`arn:aws:ssm:us-east-1:${owner}:managed-instance/mi-1`]],
    ["cloudwatch-logs", "CreateLogGroup", { logGroupName: "/aws/x" }, [`arn:aws:logs:us-east-1:${owner}:log-group:/aws/x`]],
  ])("%s %s %j", (serviceId, operation, input, arns) => {
    expect(resources(serviceId, operation, input)).toEqual(arns.map((ARN) => ({ accountId: owner, ARN })));
  });
});

describe("none", () => {
  test.each([
    ["kinesis", "ListStreams"],
    ["ecr", "GetAuthorizationToken"],
    ["ssm", "ListDocuments"],
    ["ses", "SendEmail"],
  ])("%s %s without a name", (serviceId, operation) => {
    expect(resources(serviceId, operation, {})).toBeUndefined();
  });

  test.each(["ec2", "rds", "iam", "cloudformation", "ecs", "eks", "secrets-manager"])("%s never has any", (serviceId) => {
    expect(serviceRules.get(serviceId)?.resources).toBeUndefined();
  });

  test("a name that makes no ARN is left out", () => {
    expect(resources("kinesis", "PutRecord", { StreamName: "a b\nc" })).toBeUndefined();
  });
});
