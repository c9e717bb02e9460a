import { decodePercent } from "../../aws/codec/decode-percent.ts";
import type { ApiCall, PlainCall, WireRequest } from "../api-call.ts";
import { s3DeletedKeys } from "./s3-deleted-keys.ts";

/**
 * DeleteObjects deletes each key in an event of its own; a copy reads its source in S3's own name. Both carry the request
 * id of the call that they belong to; the builder gives them event ids of their own. Source: Amazon S3 User Guide, "Amazon S3 CloudTrail events".
 */
export function s3FurtherCalls(call: ApiCall): readonly ApiCall[] {
  if (call.error !== undefined || call.response === undefined || call.response.status >= 300) return [];
  switch (call.operationName) {
    case "DeleteObjects":
      return deletions(call);
    case "CopyObject":
    case "UploadPartCopy":
      return sourceRead(call);
    default:
      return [];
  }
}

function deletions(call: ApiCall): readonly ApiCall[] {
  const bucket = call.request.s3?.bucket;
  return s3DeletedKeys(call).map(({ key, versionId, error }) => ({
    ...withoutBodies(call, "DeleteObject", error?.status ?? 204),
    request: requestFor(call, "DELETE", bucket, key, versionId),
    error,
  }));
}

function sourceRead(call: ApiCall): readonly ApiCall[] {
  const source = copySource(call.request.headers.get("x-amz-copy-source"));
  if (source === undefined) return [];
  return [
    {
      ...withoutBodies(call, "GetObject", 200),
      sourceIp: "AWS Internal",
      userAgent: "AWS Internal",
      tls: undefined,
      request: requestFor(call, "GET", source.bucket, source.key, source.versionId),
    },
  ];
}

function withoutBodies(call: ApiCall, operationName: string, status: number): PlainCall {
  const kept = new Map([...(call.response?.headers ?? [])].filter(([name]) => KEPT_HEADERS.has(name)));
  return {
    ...call,
    operation: call.operation?.service.operation(operationName),
    operationName,
    response: {
      status,
      headers: kept,
      body: undefined,
      bodyTruncated: false,
      bodyBytes: 0,
      startedAt: call.response?.startedAt ?? call.completedAt,
    },
    input: undefined,
    output: undefined,
  };
}

const KEPT_HEADERS: ReadonlySet<string> = new Set(["x-amz-request-id", "x-amz-id-2"]);

function requestFor(
  call: ApiCall,
  method: string,
  bucket: string | undefined,
  key: string,
  versionId: string | undefined,
): WireRequest {
  return {
    method,
    path: call.request.path,
    query: versionId === undefined ? [] : [["versionId", versionId]],
    headers: new Map(),
    host: call.request.host,
    s3: { bucket, key },
    body: undefined,
    bodyTruncated: false,
    bodyBytes: 0,
  };
}

/** `/bucket/key?versionId=…`, percent-encoded, the slash in front optional; or the ARN of an access point's object. */
function copySource(header: string | undefined): { bucket: string; key: string; versionId: string | undefined } | undefined {
  if (header === undefined) return undefined;
  const [, path = "", versionId] = /^\/?(.*?)(?:\?versionId=([^&]*))?$/s.exec(header) ?? [];
  const decoded = decodePercent(path);
  const [, bucket, key] = /^(arn:.*?:accesspoint\/[^/]+)\/object\/(.+)$/s.exec(decoded) ?? /^([^/]+)\/(.+)$/s.exec(decoded) ?? [];
  return bucket === undefined || key === undefined ? undefined : { bucket, key, versionId };
}
