import { describe, expect, test } from "vitest";
import { catalogue, scope, route } from "./routed-request.test-support.ts";

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
