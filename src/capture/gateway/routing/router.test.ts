import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../../aws/catalogue/catalogue.ts";
import { readRequestHead } from "./request-head.ts";
import type { Routed } from "./routed.ts";
import { createRouter } from "./router.ts";

const catalogue = loadCatalogue();
const router = createRouter(catalogue, { s3HostSuffixes: ["localhost", "s3.localhost"], defaultRegion: "us-east-1" });

function scope(service: string, region = "eu-west-1"): Record<string, string> {
  const credential = `AKIDEXAMPLE/20260302/${region}/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=abc` };
}

function route(line: string, headers: Record<string, string> = {}, body?: string): Routed {
  const [method = "", target = ""] = line.split(" ");
  const head = readRequestHead(method, target, Object.entries({ host: "127.0.0.1:4580", ...headers }).flat());
  const first = router.route(head);
  if (first.awaits === undefined) return first;
  return router.routeBody(head, first, Buffer.from(body ?? ""));
}

const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
const json10 = { "content-type": "application/x-amz-json-1.0" };
const json11 = { "content-type": "application/x-amz-json-1.1" };

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

describe("REST bindings", () => {
  test.each([
    ["lambda", "POST /2015-03-31/functions/my%3Afunction/invocations", "lambda", "Invoke", { FunctionName: "my:function" }],
    ["lambda", "GET /2015-03-31/functions/", "lambda", "ListFunctions", {}],
    ["lambda", "GET /2015-03-31/functions", "lambda", "ListFunctions", {}],
    ["lambda", "GET /2015-03-31/functions/f", "lambda", "GetFunction", { FunctionName: "f" }],
    ["apigateway", "GET /restapis", "api-gateway", "GetRestApis", {}],
    ["apigateway", "POST /restapis?mode=import", "api-gateway", "ImportRestApi", {}],
    ["apigateway", "POST /restapis", "api-gateway", "CreateRestApi", {}],
    ["apigateway", "GET /v2/apis/abc", "apigatewayv2", "GetApi", { ApiId: "abc" }],
    ["ses", "POST /v2/email/outbound-emails", "sesv2", "SendEmail", {}],
    ["sagemaker", "POST /endpoints/e1/invocations", "sagemaker-runtime", "InvokeEndpoint", { EndpointName: "e1" }],
    ["bedrock", "POST /model/anthropic.x%3A0/invoke", "bedrock-runtime", "InvokeModel", { modelId: "anthropic.x:0" }],
    ["bedrock", "GET /foundation-models", "bedrock", "ListFoundationModels", {}],
    // Only the slash at the end is different.
    ["bedrock", "POST /agents/A1/", "bedrock-agent", "PrepareAgent", { agentId: "A1" }],
    ["bedrock", "POST /agents/s1", "bedrock-agent-runtime", "InvokeInlineAgent", { sessionId: "s1" }],
    ["bedrock", "PUT /agents/", "bedrock-agent", "CreateAgent", {}],
    ["bedrock", "PUT /agents", "bedrock-agent", "CreateAgent", {}],
    ["bedrock", "POST /knowledgebases/K/retrieve", "bedrock-agent-runtime", "Retrieve", { knowledgeBaseId: "K" }],
    ["appconfig", "GET /applications", "appconfig", "ListApplications", {}],
    ["appconfig", "GET /configuration?configuration_token=t", "appconfigdata", "GetLatestConfiguration", {}],
    ["iot", "GET /things/t", "iot", "DescribeThing", { thingName: "t" }],
    ["iotdata", "GET /things/t/shadow", "iot-data-plane", "GetThingShadow", { thingName: "t" }],
    ["iotdata", "POST /topics/a%2Fb?qos=1", "iot-data-plane", "Publish", { topic: "a/b" }],
    ["es", "GET /2015-01-01/domain", "elasticsearch-service", "ListDomainNames", undefined],
    ["es", "POST /2021-01-01/opensearch/domain", "opensearch", "CreateDomain", {}],
    ["route53", "GET /2013-04-01/hostedzone/Z1", "route-53", "GetHostedZone", { Id: "Z1" }],
    ["cloudfront", "PUT /2020-05-31/distribution/E1/config", "cloudfront", "UpdateDistribution", { Id: "E1" }],
    ["cloudfront", "POST /2020-05-31/tagging?Operation=Tag&Resource=arn", "cloudfront", "TagResource", {}],
    ["cloudtrail-data", "POST /PutAuditEvents?channelArn=x", "cloudtrail-data", "PutAuditEvents", {}],
    ["eks", "GET /clusters/c", "eks", "DescribeCluster", { name: "c" }],
  ])("%s: %s", (service, line, serviceId, operationName, labels) => {
    const routed = route(line, scope(service));
    expect(routed).toMatchObject({ serviceId, operationName });
    expect(routed.operation?.name).toBe(operationName);
    if (labels !== undefined) expect(Object.fromEntries(routed.labels ?? [])).toEqual(labels);
  });

  test("every binding of the catalogue finds its way back", () => {
    const lost: string[] = [];
    for (const service of catalogue.services) {
      if (service.id === "s3" || !service.protocols.some((protocol) => protocol.startsWith("rest"))) continue;
      for (const name of service.operationNames) {
        const http = service.operation(name)?.http;
        if (http === undefined) continue;
        const target = http.uri.replace(/\{[^}+]+\+\}/g, "a/b").replace(/\{[^}]+\}/g, "a");
        const extra = service.id === "s3-control" ? { "x-amz-account-id": "111122223333" } : {};
        const routed = route(`${http.method} ${target}`, { ...scope(service.signingName), ...extra });
        const same = routed.operation?.http;
        // Two operations may share a binding and differ by required parameters only; the model does not tell which is which.
        if (routed.operationName !== name && (same?.uri !== http.uri || same.method !== http.method)) {
          lost.push(`${service.id} ${name}: ${http.method} ${target} → ${routed.serviceId} ${routed.operationName}`);
        }
      }
    }
    expect(lost).toEqual([]);
  });

  test("an encoded literal is still that literal", () => {
    expect(route("GET /2015-03-31/%66unctions/f", scope("lambda")).operationName).toBe("GetFunction");
  });

  test("bearer tokens of Bedrock", () => {
    expect(route("POST /model/m/converse", { authorization: "Bearer abc" })).toMatchObject({
      serviceId: "bedrock-runtime",
      operationName: "Converse",
      bearer: true,
      signature: { version: undefined, method: "none" },
    });
  });

  test("S3 Control shares S3's signing name", () => {
    const line = "GET /v20180820/configuration/publicAccessBlock";
    const account = { "x-amz-account-id": "111122223333" };
    expect(route(line, { ...scope("s3"), ...account }).serviceId).toBe("s3-control");
    expect(route(line, { ...scope("s3"), host: "111122223333.s3-control.eu-west-1.amazonaws.com" }).serviceId).toBe("s3-control");
    expect(route(line, scope("s3"))).toMatchObject({ serviceId: "s3", operationName: "GetObject" });
  });

  test("an account in front of a host of one's own is no bucket", () => {
    const line = "PUT /v20180820/configuration/publicAccessBlock";
    const hosted = { ...scope("s3"), host: "111122223333.s3.localhost:4580" };
    expect(route(line, { ...hosted, "x-amz-account-id": "111122223333" })).toMatchObject({
      serviceId: "s3-control",
      operationName: "PutPublicAccessBlock",
      s3: undefined,
    });
    const bucket = { serviceId: "s3", s3: { bucket: "111122223333" } };
    expect(route(line, hosted)).toMatchObject(bucket);
    expect(route(line, { ...hosted, "x-amz-account-id": "444455556666" })).toMatchObject(bucket);
  });
});

describe("S3", () => {
  test.each([
    ["GET /", "ListBuckets"],
    ["GET /?x-id=ListBuckets", "ListBuckets"],
    ["PUT /b", "CreateBucket"],
    ["PUT /b/", "CreateBucket"],
    ["HEAD /b", "HeadBucket"],
    ["DELETE /b", "DeleteBucket"],
    ["GET /b", "ListObjects"],
    ["GET /b?list-type=2&prefix=x", "ListObjectsV2"],
    ["GET /b?versions", "ListObjectVersions"],
    ["GET /b?uploads", "ListMultipartUploads"],
    ["GET /b?location", "GetBucketLocation"],
    ["GET /b?analytics", "ListBucketAnalyticsConfigurations"],
    ["GET /b?analytics&id=x", "GetBucketAnalyticsConfiguration"],
    ["PUT /b?lifecycle", "PutBucketLifecycleConfiguration"],
    ["PUT /b?policy", "PutBucketPolicy"],
    ["PUT /b?object-lock", "PutObjectLockConfiguration"],
    ["DELETE /b?publicAccessBlock", "DeletePublicAccessBlock"],
    ["POST /b?delete", "DeleteObjects"],
    ["GET /b?session", "CreateSession"],
    ["GET /b/k", "GetObject"],
    ["HEAD /b/k", "HeadObject"],
    ["PUT /b/k", "PutObject"],
    ["PUT /b/k?x-id=GetObject", "PutObject"],
    ["DELETE /b/k?versionId=1", "DeleteObject"],
    ["GET /b/k?acl", "GetObjectAcl"],
    ["GET /b/k?attributes", "GetObjectAttributes"],
    ["PUT /b/k?tagging", "PutObjectTagging"],
    ["PUT /b/k?legal-hold", "PutObjectLegalHold"],
    ["POST /b/k?uploads", "CreateMultipartUpload"],
    ["PUT /b/k?partNumber=1&uploadId=u", "UploadPart"],
    ["POST /b/k?uploadId=u", "CompleteMultipartUpload"],
    ["DELETE /b/k?uploadId=u", "AbortMultipartUpload"],
    ["GET /b/k?uploadId=u", "ListParts"],
    ["POST /b/k?restore", "RestoreObject"],
    ["POST /b/k?select&select-type=2", "SelectObjectContent"],
    ["OPTIONS /b/k", "PreflightRequest"],
  ])("%s is %s", (line, operationName) => {
    expect(route(line, scope("s3"))).toMatchObject({ serviceId: "s3", operationName, protocol: "restXml" });
  });

  test("copies are told by a header", () => {
    const copy = { ...scope("s3"), "x-amz-copy-source": "/a/b" };
    expect(route("PUT /b/k", copy).operationName).toBe("CopyObject");
    expect(route("PUT /b/k?partNumber=1&uploadId=u", copy).operationName).toBe("UploadPartCopy");
    expect(route("PUT /b/k?acl", copy).operationName).toBe("PutObjectAcl");
  });

  test("every operation of the model is in the table", () => {
    const s3 = catalogue.service("s3");
    const missing = s3?.operationNames.filter((name) => {
      const http = s3.operation(name)?.http;
      if (http === undefined || name.startsWith("UploadPart") || name === "ListParts" || name === "CopyObject") return false;
      if (name === "ListDirectoryBuckets" || name === "WriteGetObjectResponse") return false;
      const flags = http.uri.includes("?") ? http.uri.slice(http.uri.indexOf("?")) : "";
      const needs = /^(?:Get.*(?:Analytics|Inventory|Metrics|IntelligentTiering)Configuration)$/.test(name) ? "&id=1" : "";
      const part = name.endsWith("Annotation") && name.startsWith("Get") ? "&annotationName=a" : "";
      const upload =
        name === "AbortMultipartUpload" || name === "CompleteMultipartUpload" ? `${flags === "" ? "?" : "&"}uploadId=1` : "";
      const bucketless = name === "ListBuckets";
      const path = http.uri.includes("{Key+}") ? "/b/k" : bucketless ? "/" : "/b";
      const routed = route(`${http.method} ${path}${flags}${needs}${part}${upload}`, scope("s3"));
      return routed.operationName !== name;
    });
    expect(missing).toEqual([]);
  });

  test.each([
    ["127.0.0.1:4580", "/b/a%2Fb//c", "b", "a/b//c"],
    ["localhost:4580", "/b/k", "b", "k"],
    ["b.localhost:4580", "/k", "b", "k"],
    ["my.bucket.s3.localhost:4580", "/k/", "my.bucket", "k/"],
    ["s3.localhost", "/b/k", "b", "k"],
    ["b.s3.amazonaws.com", "/k", "b", "k"],
    ["b.s3.eu-west-1.amazonaws.com", "//k", "b", "/k"],
    ["my.bucket.s3.dualstack.eu-west-1.amazonaws.com", "/k", "my.bucket", "k"],
    ["b.s3-eu-west-1.amazonaws.com", "/k", "b", "k"],
    ["s3.eu-west-1.amazonaws.com", "/b/k", "b", "k"],
    ["b.s3-accelerate.amazonaws.com", "/k", "b", "k"],
    ["b.s3-accelerate.dualstack.amazonaws.com", "/k", "b", "k"],
    ["ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com", "/k", "ap-111122223333", "k"],
    ["b.s3.cn-north-1.amazonaws.com.cn", "/k", "b", "k"],
    ["b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com", "/k", "b--use1-az4--x-s3", "k"],
    ["s3.s3.us-east-1.amazonaws.com", "/k", "s3", "k"],
    ["b.s3.us-east-1.localhost.localstack.cloud:4566", "/k", "b", "k"],
  ])("%s%s", (host, path, bucket, key) => {
    for (const headers of [{ ...scope("s3"), host }, { host }]) {
      expect(route(`GET ${path}`, headers)).toMatchObject({ serviceId: "s3", operationName: "GetObject", s3: { bucket, key } });
    }
  });

  test("anonymous requests are S3's when nothing else claims them, in the host's region", () => {
    const routed = route("GET /k", { host: "b.s3.eu-central-1.amazonaws.com" });
    expect(routed).toMatchObject({ region: "eu-central-1", signingName: "s3", credential: { accessKeyId: undefined } });
    expect(route("GET /b/k").region).toBe("us-east-1");
    expect(route("GET /", { host: "b.s3-website-eu-west-1.amazonaws.com" }).operationName).toBe("GetObject");
  });

  test("presigned, in three generations", () => {
    const credential = encodeURIComponent("AKIDEXAMPLE/20260302/eu-west-1/s3/aws4_request");
    const v4 = route(
      `GET /b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Security-Token=t&X-Amz-Signature=x`,
    );
    expect(v4).toMatchObject({
      operationName: "GetObject",
      region: "eu-west-1",
      credential: { accessKeyId: "AKIDEXAMPLE", temporary: true },
      signature: { version: "SigV4", method: "query" },
    });
    expect(route("GET /b/k?AWSAccessKeyId=AKIDEXAMPLE&Expires=1&Signature=x")).toMatchObject({
      credential: { accessKeyId: "AKIDEXAMPLE" },
      signature: { version: "SigV2", method: "query" },
    });
    expect(route("GET /b/k", { authorization: "AWS AKIDEXAMPLE:c2lnbmF0dXJl" })).toMatchObject({
      serviceId: "s3",
      signature: { version: "SigV2", method: "header" },
    });
  });

  test("uploads by HTML form name key and credential in the body", () => {
    const field = (name: string, value: string) => `--xx\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const body =
      field("key", "user/${filename}") +
      field("X-Amz-Credential", "AKIDEXAMPLE/20260302/eu-west-1/s3/aws4_request") +
      `--xx\r\nContent-Disposition: form-data; name="file"; filename="a$&.txt"\r\n\r\ndata\r\n--xx--\r\n`;
    const headers = { host: "b.s3.localhost", "content-type": "multipart/form-data; boundary=xx" };
    expect(route("POST /", headers, body)).toMatchObject({
      operationName: "PostObject",
      s3: { bucket: "b", key: "user/a$&.txt" },
      region: "eu-west-1",
      credential: { accessKeyId: "AKIDEXAMPLE", temporary: false },
      signature: { version: "SigV4", method: "query" },
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
