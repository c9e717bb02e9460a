import type { Operation } from "../catalogue/model.ts";
import type { TreeObject } from "../tree.ts";
import type { EncodedAnswer } from "./encode-error.ts";
import { structureToJson } from "./tree-to-json.ts";

/**
 * Renders the output of one of our own operations: awsJson1_1 for CloudTrail, restJson1 for CloudTrail Data. Members in
 * the model's order, those that it does not know left out; timestamps as epoch seconds unless the model says otherwise,
 * blobs as base64, bigints as numbers of all their digits. Outputs bound to headers are not among ours and not served.
 */
export function encodeJsonResponse(
  operation: Operation,
  protocol: "awsJson1_0" | "awsJson1_1" | "restJson1",
  output: TreeObject,
  requestId: string,
): EncodedAnswer {
  const json = operation.output === undefined ? "{}" : structureToJson(operation.output, output, protocol === "restJson1");
  const body = new TextEncoder().encode(json);
  return {
    status: operation.http?.status ?? 200,
    headers: ["x-amzn-RequestId", requestId, "Content-Type", CONTENT_TYPE[protocol], "Content-Length", String(body.length)],
    body,
  };
}

const CONTENT_TYPE = {
  awsJson1_0: "application/x-amz-json-1.0",
  awsJson1_1: "application/x-amz-json-1.1",
  restJson1: "application/json",
} as const;
