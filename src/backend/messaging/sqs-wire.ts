import { AwsError } from "../../aws/aws-error.ts";
import type { Operation } from "../../aws/catalogue/model.ts";
import { DecodeError } from "../../aws/codec/decode-failure.ts";
import { decodeRequest } from "../../aws/codec/decode-request.ts";
import { encodeQueryResponse } from "../../aws/codec/encode-query-response.ts";
import { structureToJson } from "../../aws/codec/tree-to-json.ts";
import type { EndpointRequest, EndpointResponse } from "../../aws/endpoint.ts";
import { parseForm } from "../../aws/query/form.ts";
import { isQueuePath } from "../../aws/query/queue-path.ts";
import type { TreeObject } from "../../aws/tree.ts";

export type SqsMembers = Record<string, unknown>;

/** SQS's two protocols: JSON, which fauxqs speaks, and the query protocol of clients older than the end of 2023. */
export function readSqsInput(request: EndpointRequest, bytes: Buffer): SqsMembers {
  const { operation, protocol } = request.context;
  return protocol === "awsQuery" ? fromForm(operation, request, bytes) : fromJson(bytes);
}

export function sqsAnswer({ context }: EndpointRequest, answer: object): EndpointResponse {
  const { operation, protocol, requestId } = context;
  if (protocol === "awsQuery" && operation !== undefined) return encodeQueryResponse(operation, answer as TreeObject, requestId);
  const body = Buffer.from(JSON.stringify(answer));
  const type = protocol === "awsJson1_1" ? "application/x-amz-json-1.1" : "application/x-amz-json-1.0";
  return {
    status: 200,
    headers: ["x-amzn-RequestId", requestId, "Content-Type", type, "Content-Length", String(body.length)],
    body,
  };
}

function fromJson(bytes: Buffer): SqsMembers {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString("utf8") || "{}");
  } catch {
    body = undefined;
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new AwsError("SerializationException", "The request's body is not a JSON object.", 400);
  }
  return body as SqsMembers;
}

function fromForm(operation: Operation | undefined, { method, target }: EndpointRequest, body: Buffer): SqsMembers {
  const [path = "/", search = ""] = target.split("?", 2);
  try {
    if (operation?.input === undefined) return {};
    const query = parseForm(search);
    const input = decodeRequest(operation, "awsQuery", { method, path, query, headers: new Map(), body });
    const members = JSON.parse(structureToJson(operation.input, input, false)) as SqsMembers;
    const addressed = operation.input.members.has("QueueUrl") && members["QueueUrl"] === undefined && isQueuePath(path);
    return addressed ? { ...members, QueueUrl: path.replace(/\/$/, "") } : members;
  } catch (error) {
    if (error instanceof DecodeError) throw new AwsError("MalformedQueryString", `The form ${error.message}`, 400);
    throw error;
  }
}
