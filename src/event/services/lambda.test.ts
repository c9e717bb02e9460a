import { describe, expect, test } from "vitest";
import { cliAgent, deployer, finishedCall, recordsOf, type WireFixture } from "../golden.test-support.ts";
import { expectedRecord } from "./expected-record.test-support.ts";
import { lambda } from "./lambda.ts";

const host = "lambda.us-east-1.amazonaws.com";
const arn = "arn:aws:lambda:us-east-1:123456789012:function:order-worker";
const functionResource = { accountId: "123456789012", type: "AWS::Lambda::Function", ARN: arn };

function fixture(operation: string, parts: Partial<WireFixture> = {}): WireFixture {
  return {
    service: "lambda",
    operation,
    protocol: "restJson1",
    host,
    caller: deployer,
    requestId: "aaaaaaaa-0000-4000-8000-000000000018",
    eventId: "eeeeeeee-0000-4000-8000-000000000019",
    completed: "2026-03-02T09:07:20Z",
    userAgent: cliAgent("lambda.invoke"),
    answer: { status: 200, headers: { "content-type": "application/json" } },
    ...parts,
  };
}

const invocations = "/2015-03-31/functions/order-worker/invocations";

describe("Invoke", () => {
  test("whole record: payload and answer stay out", () => {
    const [record, ...others] = recordsOf(
      fixture("Invoke", {
        target: invocations,
        body: '{"order":17}',
        answer: {
          status: 200,
          headers: { "x-amz-executed-version": "$LATEST", "x-amz-log-result": "c2VjcmV0" },
          body: '{"ok":true}',
        },
      }),
    );
    expect(record).toEqual(
      expectedRecord("deployer", host, {
        eventTime: "2026-03-02T09:07:20Z",
        eventSource: "lambda.amazonaws.com",
        eventName: "Invoke",
        userAgent: cliAgent("lambda.invoke"),
        requestParameters: { functionName: "order-worker", invocationType: "RequestResponse", logType: "None" },
        responseElements: null,
        additionalEventData: { functionVersion: `${arn}:$LATEST` },
        requestID: "aaaaaaaa-0000-4000-8000-000000000018",
        eventID: "eeeeeeee-0000-4000-8000-000000000019",
        readOnly: false,
        resources: [functionResource],
        managementEvent: false,
      }),
    );
    expect(others).toEqual([]);
  });

  test("an asynchronous one is run by Lambda itself, in an event of its own", () => {
    const [record, execution] = recordsOf(
      fixture("Invoke", {
        target: invocations,
        headers: { "x-amz-invocation-type": "Event" },
        body: "{}",
        answer: { status: 202 },
      }),
    );
    expect(record?.requestParameters).toEqual({ functionName: "order-worker", invocationType: "Event", logType: "None" });
    expect(execution).toMatchObject({
      eventName: "InvokeExecution",
      eventCategory: "Data",
      readOnly: false,
      userIdentity: { type: "AWSService", invokedBy: "lambda.amazonaws.com" },
      sourceIPAddress: "lambda.amazonaws.com",
      userAgent: "lambda.amazonaws.com",
      requestParameters: { functionName: "order-worker", sourceArn: arn, sourceAccount: "123456789012" },
      resources: [functionResource],
    });
    expect(execution).not.toHaveProperty("tlsDetails");
  });

  test("one that was refused is not run", () => {
    const refused = fixture("Invoke", {
      target: invocations,
      headers: { "x-amz-invocation-type": "Event" },
      answer: { status: 404, headers: { "x-amzn-errortype": "ResourceNotFoundException" }, body: '{"Message":"no"}' },
    });
    expect(recordsOf(refused)).toHaveLength(1);
  });

  test.each([
    ["order-worker:live", arn],
    ["123456789012:function:order-worker", arn],
    ["arn:aws:lambda:us-east-1:123456789012:function:order-worker:7", arn],
    ["arn:aws-cn:lambda:cn-north-1:210987654321:function:f", "arn:aws-cn:lambda:cn-north-1:210987654321:function:f"],
  ])("%s is the function %s", (name, expected) => {
    const target = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
    const resources = lambda.resources?.(finishedCall(fixture("Invoke", { target })), {
      requestParameters: null,
      responseElements: null,
    });
    expect(resources?.map((each) => each.ARN)).toEqual([expected]);
  });
});

describe("management", () => {
  test("CreateFunction20150331: code and environment emptied, publish filled in", () => {
    const response = {
      FunctionName: "order-worker",
      FunctionArn: arn,
      Runtime: "nodejs22.x",
      Role: "arn:aws:iam::123456789012:role/app-runtime",
      Handler: "index.handler",
      CodeSize: 460,
      Description: "",
      Timeout: 10,
      MemorySize: 128,
      LastModified: "2026-03-02T09:07:31.204+0000",
      CodeSha256: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
      Version: "$LATEST",
      Environment: { Variables: { SECRET: "s" } },
      TracingConfig: { Mode: "PassThrough" },
      RevisionId: "b569f67d-0000-4000-8000-0000000000aa",
      State: "Pending",
      StateReason: "The function is being created.",
      StateReasonCode: "Creating",
      PackageType: "Zip",
      Architectures: ["x86_64"],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
      LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/order-worker" },
    };
    const [record] = recordsOf(
      fixture("CreateFunction", {
        target: "/2015-03-31/functions",
        body: JSON.stringify({
          FunctionName: "order-worker",
          Runtime: "nodejs22.x",
          Role: "arn:aws:iam::123456789012:role/app-runtime",
          Handler: "index.handler",
          Code: { ZipFile: "UEsDBA==" },
          Timeout: 10,
          MemorySize: 128,
          Environment: { Variables: { SECRET: "s" } },
        }),
        requestId: "aaaaaaaa-0000-4000-8000-000000000020",
        eventId: "eeeeeeee-0000-4000-8000-000000000021",
        completed: "2026-03-02T09:07:31Z",
        userAgent: cliAgent("lambda.create-function"),
        answer: { status: 201, headers: { "content-type": "application/json" }, body: JSON.stringify(response) },
      }),
    );
    expect(record).toEqual(
      expectedRecord("deployer", host, {
        eventTime: "2026-03-02T09:07:31Z",
        eventSource: "lambda.amazonaws.com",
        eventName: "CreateFunction20150331",
        userAgent: cliAgent("lambda.create-function"),
        requestParameters: {
          functionName: "order-worker",
          runtime: "nodejs22.x",
          role: "arn:aws:iam::123456789012:role/app-runtime",
          handler: "index.handler",
          code: {},
          timeout: 10,
          memorySize: 128,
          publish: false,
          environment: {},
        },
        responseElements: {
          functionName: "order-worker",
          functionArn: arn,
          runtime: "nodejs22.x",
          role: "arn:aws:iam::123456789012:role/app-runtime",
          handler: "index.handler",
          codeSize: 460,
          description: "",
          timeout: 10,
          memorySize: 128,
          lastModified: "2026-03-02T09:07:31.204+0000",
          codeSha256: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
          version: "$LATEST",
          environment: {},
          tracingConfig: { mode: "PassThrough" },
          revisionId: "b569f67d-0000-4000-8000-0000000000aa",
          state: "Pending",
          stateReason: "The function is being created.",
          stateReasonCode: "Creating",
          packageType: "Zip",
          architectures: ["x86_64"],
          ephemeralStorage: { size: 512 },
          snapStart: { applyOn: "None", optimizationStatus: "Off" },
          loggingConfig: { logFormat: "Text", logGroup: "/aws/lambda/order-worker" },
        },
        requestID: "aaaaaaaa-0000-4000-8000-000000000020",
        eventID: "eeeeeeee-0000-4000-8000-000000000021",
        readOnly: false,
      }),
    );
    expect(JSON.stringify(record)).not.toContain("SECRET");
    expect(Object.keys(record?.requestParameters ?? {}).indexOf("publish")).toBe(7);
  });

  test("UpdateFunctionCode by ARN shows the ARN taken apart", () => {
    const [record] = recordsOf(
      fixture("UpdateFunctionCode", {
        method: "PUT",
        target: `/2015-03-31/functions/${encodeURIComponent(arn)}/code`,
        body: '{"ZipFile":"UEsDBA==","Publish":true}',
        answer: { status: 200, headers: { "content-type": "application/json" }, body: "{}" },
      }),
    );
    expect(record).toMatchObject({ eventName: "UpdateFunctionCode20150331v2" });
    expect(record?.requestParameters).toEqual({
      fullyQualifiedArn: {
        arnPrefix: { partition: "aws", region: "us-east-1", account: "123456789012" },
        relativeId: { functionName: "order-worker" },
        functionQualifier: {},
      },
      functionName: arn,
      publish: true,
      dryRun: false,
    });
  });

  test("a layer by ARN is a resource of type layer", () => {
    const layer = "arn:aws:lambda:us-east-1:123456789012:layer:tools:3";
    const [record] = recordsOf(
      fixture("GetLayerVersionByArn", {
        method: "GET",
        target: `/2018-10-31/layers?find=LayerVersion&Arn=${encodeURIComponent(layer)}`,
      }),
    );
    expect(record?.resources).toEqual([{ accountId: "123456789012", type: "layer", ARN: layer }]);
    expect(record?.eventName).toBe("GetLayerVersionByArn20181031");
  });
});
