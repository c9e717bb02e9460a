import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRequestHead } from "./request-head.ts";
import { router, scope, route, form, json10, json11 } from "./routed-request.test-support.ts";

describe("operations that the request names itself", () => {
  const signed = (service: string, extra: Record<string, string>) => ({ ...scope(service), ...extra });
  test.each([
    [
      "dynamodb",
      signed("dynamodb", { ...json10, "x-amz-target": "DynamoDB_20120810.PutItem" }),
      "dynamodb",
      "PutItem",
      "awsJson1_0",
    ],
    [
      "streams below the same signing name",
      signed("dynamodb", { ...json10, "x-amz-target": "DynamoDBStreams_20120810.GetRecords" }),
      "dynamodb-streams",
      "GetRecords",
      "awsJson1_0",
    ],
    ["kms", signed("kms", { ...json11, "x-amz-target": "TrentService.Decrypt" }), "kms", "Decrypt", "awsJson1_1"],
    ["sqs in JSON", signed("sqs", { ...json10, "x-amz-target": "AmazonSQS.SendMessage" }), "sqs", "SendMessage", "awsJson1_0"],
    [
      "cloudtrail as the SDKs say it",
      signed("cloudtrail", { ...json11, "x-amz-target": "CloudTrail_20131101.LookupEvents" }),
      "cloudtrail",
      "LookupEvents",
      "awsJson1_1",
    ],
    [
      "cloudtrail as the CLI says it",
      signed("cloudtrail", { ...json11, "x-amz-target": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail" }),
      "cloudtrail",
      "CreateTrail",
      "awsJson1_1",
    ],
    [
      "logs",
      signed("logs", { ...json11, "x-amz-target": "Logs_20140328.CreateLogGroup" }),
      "cloudwatch-logs",
      "CreateLogGroup",
      "awsJson1_1",
    ],
    [
      "kinesis in CBOR",
      signed("kinesis", { "content-type": "application/x-amz-cbor-1.1", "x-amz-target": "Kinesis_20131202.PutRecord" }),
      "kinesis",
      "PutRecord",
      "rpcv2Cbor",
    ],
    [
      "unsigned Cognito",
      { ...json11, "x-amz-target": "AWSCognitoIdentityService.GetId" },
      "cognito-identity",
      "GetId",
      "awsJson1_1",
    ],
    [
      "CodeConnections by its younger name",
      signed("codeconnections", {
        ...json10,
        "x-amz-target": "com.amazonaws.codeconnections.CodeConnections_20231201.ListConnections",
      }),
      "codestar-connections",
      "ListConnections",
      "awsJson1_0",
    ],
    [
      "one of two services with one target prefix",
      signed("timestream", { ...json10, "x-amz-target": "Timestream_20181101.Query" }),
      "timestream-query",
      "Query",
      "awsJson1_0",
    ],
    [
      "the other, by the prefix alone",
      signed("made-up", { ...json10, "x-amz-target": "Timestream_20181101.WriteRecords" }),
      "timestream-write",
      "WriteRecords",
      "awsJson1_0",
    ],
    [
      "the first, by the prefix alone",
      signed("made-up", { ...json10, "x-amz-target": "Timestream_20181101.PrepareQuery" }),
      "timestream-query",
      "PrepareQuery",
      "awsJson1_0",
    ],
    [
      "a scope that the catalogue does not know, and a target that it knows",
      signed("made-up", { ...json11, "x-amz-target": "TrentService.ListKeys" }),
      "kms",
      "ListKeys",
      "awsJson1_1",
    ],
  ])("%s", (_name, headers, serviceId, operationName, protocol) => {
    const routed = route("POST /", headers);
    expect(routed).toMatchObject({ serviceId, operationName, protocol });
    expect(routed.operation?.name).toBe(operationName);
  });

  test("Smithy RPC v2 by its path", () => {
    const routed = route("POST /service/GraniteServiceVersion20100801/operation/PutMetricData", {
      ...scope("monitoring"),
      "smithy-protocol": "rpc-v2-cbor",
      "content-type": "application/cbor",
    });
    expect(routed).toMatchObject({
      serviceId: "cloudwatch",
      operationName: "PutMetricData",
      protocol: "rpcv2Cbor",
      signingName: "monitoring",
    });
  });

  test.each([
    ["iam", "Action=CreateUser&Version=2010-05-08&UserName=x", "iam", "CreateUser", "awsQuery"],
    ["sts", "Action=AssumeRole&Version=2011-06-15", "sts", "AssumeRole", "awsQuery"],
    ["sns", "Version=2010-03-31&Action=Publish", "sns", "Publish", "awsQuery"],
    ["sqs", "Action=SendMessage&Version=2012-11-05", "sqs", "SendMessage", "awsQuery"],
    ["monitoring", "Action=PutMetricAlarm&Version=2010-08-01", "cloudwatch", "PutMetricAlarm", "awsQuery"],
    ["ec2", "Action=RunInstances&Version=2016-11-15", "ec2", "RunInstances", "ec2Query"],
    ["ec2", "Action=DescribeInstances&Version=2014-10-01", "ec2", "DescribeInstances", "ec2Query"],
    [
      "elasticloadbalancing",
      "Action=DescribeLoadBalancers&Version=2012-06-01",
      "elastic-load-balancing",
      "DescribeLoadBalancers",
      "awsQuery",
    ],
    [
      "elasticloadbalancing",
      "Action=DescribeLoadBalancers&Version=2015-12-01",
      "elastic-load-balancing-v2",
      "DescribeLoadBalancers",
      "awsQuery",
    ],
  ])("query: %s %s", (service, body, serviceId, operationName, protocol) => {
    expect(route("POST /", { ...scope(service), ...form }, body)).toMatchObject({ serviceId, operationName, protocol });
    expect(route(`GET /?${body}`, scope(service))).toMatchObject({ serviceId, operationName, protocol, awaits: undefined });
  });

  test.each(["docdb", "neptune"])("RDS answers for %s, whatever the client calls itself", (api) => {
    const headers = { ...scope("rds"), ...form, "user-agent": `aws-sdk-js/3.1 api/${api}#3.1` };
    expect(route("POST /", headers, "Action=CreateDBCluster&Version=2014-10-31&Engine=x")).toMatchObject({
      serviceId: "rds",
      operationName: "CreateDBCluster",
    });
  });

  test("unsigned STS is known by action and version", () => {
    const routed = route("POST /", form, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=x");
    expect(routed).toMatchObject({
      serviceId: "sts",
      operationName: "AssumeRoleWithWebIdentity",
      signingName: "sts",
      credential: { accessKeyId: undefined, temporary: false },
      signature: { version: undefined, method: "none" },
    });
  });

  test("an operation of another service than the signed one is unknown", () => {
    const routed = route("POST /", { ...scope("kms"), ...json11, "x-amz-target": "DynamoDB_20120810.PutItem" });
    expect(routed).toMatchObject({ serviceId: "kms", operationName: "PutItem", operation: undefined });
  });

  test("signed for S3, a request is S3's whatever its target says", () => {
    const routed = route("PUT /bucket/key", { ...scope("s3"), "x-amz-target": "DynamoDB_20120810.ListTables" });
    expect(routed).toMatchObject({ serviceId: "s3", operationName: "PutObject" });
    expect(route("POST /bucket?delete", { ...scope("s3"), ...form })).toMatchObject({
      serviceId: "s3",
      operationName: "DeleteObjects",
    });
  });
});

describe("signatures", () => {
  test("SigV4A takes its region from a set of one, else from the host", () => {
    const authorization =
      "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20260302/s3/aws4_request, SignedHeaders=host, Signature=x";
    expect(route("GET /b/k", { authorization, "x-amz-region-set": "eu-north-1" })).toMatchObject({
      region: "eu-north-1",
      signature: { version: "SigV4A", method: "header" },
      credential: { accessKeyId: "AKIDEXAMPLE" },
    });
    expect(route("GET /k", { authorization, "x-amz-region-set": "*", host: "b.s3.eu-west-3.amazonaws.com" }).region).toBe(
      "eu-west-3",
    );
  });

  test("SigV2 of a query service stands in the form", () => {
    const body = "Action=DescribeInstances&Version=2016-11-15&AWSAccessKeyId=AKIDEXAMPLE&SignatureVersion=2&Signature=x";
    expect(route("POST /", form, body)).toMatchObject({
      serviceId: "ec2",
      credential: { accessKeyId: "AKIDEXAMPLE" },
      signature: { version: "SigV2", method: "query" },
    });
  });

  test("without spaces after the commas, as some clients write it", () => {
    const authorization = "AWS4-HMAC-SHA256 Credential=K/20260302/RegionOne/s3/aws4_request,SignedHeaders=host,Signature=x";
    expect(route("GET /b/k", { authorization })).toMatchObject({ region: "RegionOne", credential: { accessKeyId: "K" } });
  });
});

describe("what nobody knows", () => {
  test("still says what the wire says", () => {
    expect(route("POST /", { ...scope("newservice", "eu-west-2"), ...json11, "x-amz-target": "New_1.DoIt" })).toMatchObject({
      serviceId: "newservice",
      signingName: "newservice",
      operationName: "DoIt",
      operation: undefined,
      region: "eu-west-2",
    });
    expect(route("PATCH /v9/things", scope("newservice"))).toMatchObject({
      serviceId: "newservice",
      operationName: "PATCH /v9/things",
    });
    expect(route("POST /", { ...scope("newquery"), ...form }, "Action=Go&Version=2099-01-01")).toMatchObject({
      serviceId: "newquery",
      operationName: "Go",
      protocol: "awsQuery",
    });
    expect(route("GET /nothing/here/at/all", scope("lambda"))).toMatchObject({
      serviceId: "lambda",
      operationName: "GET /nothing/here/at/all",
    });
  });

  test("hosts tell where signatures do not", () => {
    const routed = route("GET /2015-03-31/functions", { host: "lambda.ap-south-1.amazonaws.com" });
    expect(routed).toMatchObject({
      serviceId: "lambda",
      operationName: "ListFunctions",
      region: "ap-south-1",
      signingName: "lambda",
    });
  });

  test("no head makes the router throw, and what it says stays small", () => {
    const text = fc.string({ unit: "binary", maxLength: 300 });
    const header = fc.tuple(
      fc.constantFrom(
        "host",
        "authorization",
        "x-amz-target",
        "content-type",
        "smithy-protocol",
        "user-agent",
        "x-amz-region-set",
      ),
      fc.oneof(
        text,
        fc.constantFrom("AWS4-HMAC-SHA256 Credential=////", "AWS :", "application/x-www-form-urlencoded", "rpc-v2-cbor"),
      ),
    );
    const query = fc.constantFrom("", "?", "?Action=&Version", "?X-Amz-Credential=%", "?%=%&&=", "?acl&acl");
    fc.assert(
      fc.property(
        fc.constantFrom("GET", "PUT", "POST", "DELETE"),
        text,
        query,
        fc.array(header),
        fc.uint8Array(),
        (method, path, q, headers, body) => {
          const lines = headers.filter(([name], i) => headers.findIndex(([other]) => other === name) === i).flat();
          const head = readRequestHead(method, `/${path}${q}`, lines);
          const first = router.route(head);
          const routed = first.awaits === undefined ? first : router.routeBody(head, first, body);
          expect(routed.operationName.length).toBeLessThanOrEqual(256);
          expect(routed.serviceId).not.toBe("");
          expect(routed.region).toMatch(/^[A-Za-z0-9_-]{1,63}$/);
        },
      ),
      { numRuns: 500 },
    );
  });
});
