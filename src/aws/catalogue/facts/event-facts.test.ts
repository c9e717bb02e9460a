import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../catalogue.ts";
import { apiVersion } from "./api-version.ts";
import { eventName } from "./event-name.ts";
import { eventSource } from "./event-source.ts";
import { recordedRegion } from "./global-services.ts";
import { isReadOnly } from "./read-only.ts";

const readOnly = (serviceId: string, operationName: string) => {
  const operation = loadCatalogue().service(serviceId)?.operation(operationName);
  return isReadOnly({ serviceId, operationName, accessLevel: operation?.accessLevel, known: operation !== undefined });
};

describe("eventSource", () => {
  it("is the signing name, but for the exceptions", () => {
    const sources = (ids: readonly string[]) =>
      Object.fromEntries(ids.map((id) => [id, eventSource(id, loadCatalogue().service(id)?.signingName ?? "", false)]));
    expect(
      sources([
        "lex-models-v2",
        "bedrock-agent",
        "bedrock-agent-runtime",
        "emr",
        "appconfigdata",
        "iot-data-plane",
        "cost-explorer",
        "opensearchserverless",
        "cloudwatch",
        "cloudwatch-logs",
        "eventbridge",
        "sfn",
        "sesv2",
        "mq",
        "s3-control",
        "opensearch",
        "rds-data",
      ]),
    ).toEqual({
      "lex-models-v2": "lexv2.amazonaws.com",
      "bedrock-agent": "bedrock.amazonaws.com",
      "bedrock-agent-runtime": "bedrock.amazonaws.com",
      emr: "elasticmapreduce.amazonaws.com",
      appconfigdata: "appconfig.amazonaws.com",
      "iot-data-plane": "iotdata.amazonaws.com",
      "cost-explorer": "ce.amazonaws.com",
      opensearchserverless: "aoss.amazonaws.com",
      cloudwatch: "monitoring.amazonaws.com",
      "cloudwatch-logs": "logs.amazonaws.com",
      eventbridge: "events.amazonaws.com",
      sfn: "states.amazonaws.com",
      sesv2: "ses.amazonaws.com",
      mq: "amazonmq.amazonaws.com",
      "s3-control": "s3.amazonaws.com",
      opensearch: "es.amazonaws.com",
      "rds-data": "rdsdata.amazonaws.com",
    });
    expect(eventSource("rds-data", "rds-data", true)).toBe("rdsdataapi.amazonaws.com");
    expect(eventSource("s3", "s3express", true)).toBe("s3express.amazonaws.com");
  });

  it("is a host name whatever the wire says", () => {
    for (const name of ["", "a b", "../x", "é", "x".repeat(500), "constructor", "__proto__"]) {
      expect(eventSource(name, name, false)).toMatch(/^[a-z0-9._-]{1,63}\.amazonaws\.com$/);
    }
  });

  it("is a host name for every service of the catalogue", () => {
    for (const { id, signingName } of loadCatalogue().services)
      expect(eventSource(id, signingName, false)).toMatch(/^[a-z0-9-]+\.amazonaws\.com$/);
  });
});

describe("eventName", () => {
  it.each([
    ["lambda", "CreateFunction", "CreateFunction20150331"],
    ["lambda", "UpdateFunctionCode", "UpdateFunctionCode20150331v2"],
    ["lambda", "GetAccountSettings", "GetAccountSettings20160819"],
    ["lambda", "TagResource", "TagResource20170331v2"],
    ["lambda", "PublishLayerVersion", "PublishLayerVersion20181031"],
    ["lambda", "Invoke", "Invoke"],
    ["lambda", "PutFunctionEventInvokeConfig", "PutFunctionEventInvokeConfig"],
    ["s3", "ListObjectsV2", "ListObjects"],
    ["s3", "PutBucketLifecycleConfiguration", "PutBucketLifecycle"],
    ["s3", "GetPublicAccessBlock", "GetBucketPublicAccessBlock"],
    ["s3-control", "GetPublicAccessBlock", "GetAccountPublicAccessBlock"],
    ["iam", "CreateUser", "CreateUser"],
    ["", "constructor", "constructor"],
  ])("of %s %s is %s", (service, operation, name) => {
    expect(eventName(service, operation)).toBe(name);
  });

  it("keeps two operations of a service apart, but for those that AWS itself records under one name", () => {
    const shared = new Set(["ListObjects"]);
    for (const service of loadCatalogue().services) {
      const names = service.operationNames.map((operation) => eventName(service.id, operation));
      const twice = names.filter((name, at) => names.indexOf(name) !== at && !name.startsWith("GetBucket") && !shared.has(name));
      expect(twice).toEqual([]);
    }
  });
});

describe("isReadOnly", () => {
  it.each([
    ["iam", "CreateUser", false],
    ["dynamodb", "TransactGetItems", true],
    ["dynamodb", "TransactWriteItems", false],
    ["cognito-identity", "GetId", false],
    ["cognito-identity", "ListIdentityPools", true],
    ["iam", "ListUsers", true],
    ["sts", "AssumeRole", true],
    ["sts", "GetSessionToken", false],
    ["kms", "Decrypt", true],
    ["lambda", "Invoke", false],
    ["dynamodb", "ExecuteStatement", false],
    ["dynamodb", "PutItem", false],
    ["secrets-manager", "GetSecretValue", true],
    ["ssm", "GetParameter", true],
    ["ssm", "StartSession", false],
    ["s3", "HeadBucket", true],
    ["verifiedpermissions", "BatchIsAuthorized", true],
    ["verifiedpermissions", "IsAuthorized", true],
    ["support", "ResolveCase", false],
    ["comprehend", "DetectSentiment", true],
    ["iot", "CreateThing", false],
    ["nowhere", "DescribeThing", true],
    ["nowhere", "GET /things", true],
    ["nowhere", "PUT /things", false],
  ])("of %s %s is %s", (service, operation, expected) => {
    expect(readOnly(service, operation)).toBe(expected);
  });
});

describe("recordedRegion", () => {
  it("moves global services to the first region of their partition", () => {
    expect(recordedRegion("iam", "eu-west-1", "h")).toBe("us-east-1");
    expect(recordedRegion("route-53", "cn-northwest-1", "h")).toBe("cn-north-1");
    expect(recordedRegion("organizations", "us-gov-east-1", "h")).toBe("us-gov-west-1");
    expect(recordedRegion("cost-explorer", "eu-west-1", "h")).toBe("us-east-1");
    expect(recordedRegion("ec2", "eu-west-1", "h")).toBe("eu-west-1");
    expect(recordedRegion("sts", "eu-west-1", "sts.amazonaws.com:443")).toBe("us-east-1");
    expect(recordedRegion("sts", "eu-west-1", "sts.eu-west-1.amazonaws.com")).toBe("eu-west-1");
  });
});

describe("apiVersion", () => {
  it("is written by few", () => {
    expect(apiVersion("dynamodb")).toBe("2012-08-10");
    expect(apiVersion("cloudwatch-logs")).toBe("20140328");
    expect(apiVersion("iam")).toBeUndefined();
  });

  it("speaks of services that the catalogue has", () => {
    for (const id of [
      "cloudwatch-logs",
      "route-53",
      "elastic-load-balancing",
      "elastic-load-balancing-v2",
      "efs",
      "eventbridge",
      "wafv2",
    ]) {
      expect(loadCatalogue().service(id)).toBeDefined();
      expect(apiVersion(id)).toBeDefined();
    }
  });
});
