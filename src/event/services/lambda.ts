import { parseArn } from "../../aws/arn.ts";
import type { Json, JsonObject } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import type { RecordResource, ServiceRules } from "../service-rules.ts";
import { jsonObject } from "./json-object.ts";
import { functionArn, type FunctionArn } from "./lambda-function-arn.ts";
import { withModelDefaults } from "./model-defaults.ts";
import { textAt } from "./read-tree.ts";
import { recordResource } from "./record-resource.ts";

const DEFAULTS: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  CreateFunction: { publish: false },
  UpdateFunctionCode: { publish: false, dryRun: false },
  Invoke: { invocationType: "RequestResponse", logType: "None" },
};

const INVOCATIONS: ReadonlySet<string> = new Set(["Invoke", "InvokeAsync", "InvokeWithResponseStream", "InvokeExecution"]);

/**
 * Code, environment and payloads are taken out by the redaction table. Source: AWS Lambda Developer Guide, "Logging AWS
 * Lambda API calls using AWS CloudTrail".
 */
export const lambda: ServiceRules = {
  requestParameters: (call, general) => {
    if (call.operationName === "InvokeExecution") return executionParameters(call);
    const defaults = DEFAULTS[call.operationName];
    const shown = defaults === undefined ? general : withModelDefaults(call, general, defaults);
    const qualified = call.operationName === "UpdateFunctionCode" ? fullyQualifiedArn(call) : undefined;
    return qualified === undefined ? shown : { fullyQualifiedArn: qualified, ...shown };
  },
  // Answers of invocations are the function's, not Lambda's.
  responseElements: (call, general) => (INVOCATIONS.has(call.operationName) ? null : general),
  additionalEventData: (call) => {
    const arn = INVOCATIONS.has(call.operationName) ? functionArn(call) : undefined;
    const version = call.response?.headers.get("x-amz-executed-version") ?? textAt(call.output, "ExecutedVersion");
    return arn === undefined || version === undefined ? undefined : { functionVersion: `${arn.unqualified}:${version}` };
  },
  resources: (call) => {
    if (!INVOCATIONS.has(call.operationName)) return layers(call);
    const arn = functionArn(call);
    return arn === undefined ? undefined : [recordResource(call, "AWS::Lambda::Function", arn.unqualified)];
  },
  furtherCalls: (call) => execution(call),
};

/** An ARN in the function's place is shown once more, taken apart. */
function fullyQualifiedArn(call: ApiCall): JsonObject | undefined {
  const arn = functionArn(call);
  if (arn === undefined || parseArn(textAt(call.input, "FunctionName") ?? "") === undefined) return undefined;
  return {
    arnPrefix: { partition: arn.partition, region: arn.region, account: arn.accountId },
    relativeId: { functionName: arn.functionName },
    functionQualifier: arn.qualifier === undefined ? {} : { qualifier: arn.qualifier },
  };
}

/** Layers that were named by ARN, typed as no other resource is. */
function layers(call: ApiCall): readonly RecordResource[] | undefined {
  const arn = textAt(call.input, "Arn") ?? textAt(call.input, "LayerName");
  return arn === undefined || parseArn(arn) === undefined ? undefined : [recordResource(call, "layer", arn)];
}

/** Lambda runs an asynchronous invocation later, in its own name: that is an event, too. */
function execution(call: ApiCall): readonly ApiCall[] {
  const event = call.operationName === "InvokeAsync" || textAt(call.input, "InvocationType") === "Event";
  const accepted = call.error === undefined && call.response?.status === 202;
  const arn = functionArn(call);
  if (!event || !accepted || arn === undefined || !INVOCATIONS.has(call.operationName)) return [];
  return [
    {
      ...call,
      operation: undefined,
      operationName: "InvokeExecution",
      caller: { kind: "service", accountId: arn.accountId, invokedBy: "lambda.amazonaws.com" },
      signature: { version: undefined, method: "none" },
      tls: undefined,
      accountId: arn.accountId,
      input: jsonObject([["FunctionName", textAt(call.input, "FunctionName")]]),
      output: undefined,
      request: { ...call.request, query: [], headers: new Map(), body: undefined, bodyTruncated: false, bodyBytes: 0 },
      response: { ...call.response, body: undefined, bodyTruncated: false, bodyBytes: 0 },
    },
  ];
}

/** Unconfirmed in detail: the guide names `sourceArn` and `sourceAccount`; the queue that it was taken from is the function's own. */
function executionParameters(call: ApiCall): JsonObject | null {
  const arn: FunctionArn | undefined = functionArn(call);
  if (arn === undefined) return null;
  return { functionName: arn.functionName, sourceArn: arn.unqualified, sourceAccount: arn.accountId };
}
