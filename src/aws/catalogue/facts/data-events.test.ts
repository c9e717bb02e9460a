import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../catalogue.ts";
import { dataResourceType, isDataOperation } from "./data-events.ts";
import { basicDataResourceTypes, dataResourceTypes, networkActivitySources } from "./resource-types.ts";

describe("data events", () => {
  test.each([
    ["s3", "ListObjectsV2", "AWS::S3::Object"],
    ["s3", "HeadBucket", "AWS::S3::Object"],
    ["s3", "PreflightRequest", "AWS::S3::Object"],
    ["s3", "CreateSession", "AWS::S3Express::Object"],
    ["dynamodb", "TransactWriteItems", "AWS::DynamoDB::Table"],
    ["dynamodb-streams", "GetRecords", "AWS::DynamoDB::Stream"],
    ["lambda", "Invoke", "AWS::Lambda::Function"],
    ["sqs", "ListQueues", "AWS::SQS::Queue"],
    ["eventbridge", "PutEvents", "AWS::Events::EventBus"],
    ["cloudtrail-data", "PutAuditEvents", "AWS::CloudTrail::Channel"],
    ["bedrock-agent-runtime", "InvokeAgent", "AWS::Bedrock::AgentAlias"],
    ["timestream-query", "Query", "AWS::Timestream::Table"],
    ["iot-data-plane", "GetThingShadow", "AWS::IoT::Thing"],
    ["swf", "StartWorkflowExecution", "AWS::SWF::Domain"],
  ])("%s %s is one, of type %s", (serviceId, operation, type) => {
    expect(isDataOperation(serviceId, operation)).toBe(true);
    expect(dataResourceType(serviceId, operation)).toBe(type);
  });

  test.each([
    ["s3", "ListMultipartUploads"],
    ["s3", "CreateBucket"],
    ["s3", "ListBuckets"],
    ["sqs", "PurgeQueue"],
    ["sqs", "SetQueueAttributes"],
    ["kms", "Decrypt"],
    ["bedrock-runtime", "InvokeModel"],
    ["bedrock-runtime", "Converse"],
    ["sfn", "StartExecution"],
    ["dynamodb-streams", "DescribeStream"],
    ["ebs", "StartSnapshot"],
    ["no-such-service", "PutObject"],
    ["s3", "constructor"],
  ])("%s %s is none", (serviceId, operation) => {
    expect(isDataOperation(serviceId, operation)).toBe(false);
    expect(dataResourceType(serviceId, operation)).toBeUndefined();
  });

  test("there are as many types as the documentation lists", () => {
    expect(dataResourceTypes.size).toBe(250);
    expect(networkActivitySources.size).toBe(76);
    expect(networkActivitySources).toContain("kms.amazonaws.com");
    for (const type of basicDataResourceTypes) expect(dataResourceTypes).toContain(type);
  });
});

test("every type is one that a selector may name", () => {
  const named = loadCatalogue().services.flatMap(({ id, operationNames }) =>
    operationNames.map((name) => dataResourceType(id, name)).filter((type) => type !== undefined),
  );
  expect(new Set(named).size).toBeGreaterThan(20);
  for (const type of named) expect(dataResourceTypes).toContain(type);
});
