import type { JsonObject } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import { jsonObject, orNull } from "./json-object.ts";

const UPLOADS: ReadonlySet<string> = new Set([
  "PutObject",
  "PostObject",
  "CopyObject",
  "CompleteMultipartUpload",
  "CreateMultipartUpload",
  "UploadPart",
  "UploadPartCopy",
]);

const SHOWN_HEADERS: readonly string[] = [
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-version-id",
  "x-amz-copy-source-version-id",
  "x-amz-expiration",
];

/** Some headers of the answer to an upload; null for everything else, deletions and configuration included. */
export function s3ResponseElements(call: ApiCall): JsonObject | null {
  const headers = call.response?.headers;
  if (headers === undefined || !UPLOADS.has(call.operationName)) return null;
  return orNull(jsonObject(SHOWN_HEADERS.map((name) => [name, headers.get(name)])));
}
