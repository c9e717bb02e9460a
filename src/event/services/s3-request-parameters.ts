import type { Json, JsonObject } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import { jsonObject, orNull } from "./json-object.ts";
import { s3Body } from "./s3-body.ts";

/**
 * Request headers that S3 shows, under their own names. Credentials, checksums, user metadata and object tags are not
 * among them; of a customer's own key (SSE-C) only the algorithm is.
 */
const SHOWN_HEADERS: ReadonlySet<string> = new Set([
  "x-amz-acl",
  "x-amz-grant-full-control",
  "x-amz-grant-read",
  "x-amz-grant-read-acp",
  "x-amz-grant-write",
  "x-amz-grant-write-acp",
  "x-amz-storage-class",
  "x-amz-copy-source",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-object-ownership",
  "x-amz-website-redirect-location",
  "x-amz-create-session-mode",
]);

/**
 * Query parameters that would let a reader repeat the call, and headers that S3 hides, which presigned requests may carry
 * in the query.
 */
const HIDDEN_PARAMETER =
  /^(?:x-amz-(?:credential|signature|security-token|meta-.*|tagging|(?:copy-source-)?server-side-encryption-customer-key(?:-md5)?)|awsaccesskeyid|signature)$/i;

/**
 * S3 shows the request as HTTP has it, not as the API models it: bucket, `Host` and key, every query parameter (flags as
 * ""), some headers, and the configuration in the body. Source: Amazon S3 User Guide, "Amazon S3 CloudTrail events", and
 * records of 2026.
 */
export function s3RequestParameters(call: ApiCall): JsonObject | null {
  const { s3, host, query, headers } = call.request;
  const parameters = new Map<string, Json | undefined>([
    ["bucketName", s3?.bucket],
    ["Host", host === "" ? undefined : host],
    ["key", s3?.key],
  ]);
  for (const [name, values] of shownQuery(query)) {
    parameters.set(name, values.length > 1 ? values : values[0]);
  }
  for (const [name, value] of headers) if (SHOWN_HEADERS.has(name)) parameters.set(name, value);
  for (const [name, value] of s3Body(call)) parameters.set(name, value);
  return orNull(jsonObject(parameters));
}

/** Query parameters as shown, each name with all its values. */
export function shownQuery(query: ApiCall["request"]["query"]): ReadonlyMap<string, readonly string[]> {
  const shown = new Map<string, string[]>();
  for (const [name, value] of query) {
    if (HIDDEN_PARAMETER.test(name)) continue;
    const values = shown.get(name);
    if (values === undefined) shown.set(name, [value]);
    else values.push(value);
  }
  return shown;
}
