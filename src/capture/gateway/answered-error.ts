import { decodeError } from "../../aws/codec/decode-error.ts";
import type { CallError, WireResponse } from "../../event/api-call.ts";
import { isS3Family } from "./request-id.ts";
import type { Routed } from "./routing/routed.ts";

/** S3 begins these answers before it knows how they end: an error may stand below status 200. */
const lateErrors = new Set(["CopyObject", "UploadPartCopy", "CompleteMultipartUpload"]);

/** The error that an answer carries; undefined where it carries none. */
export function answeredError({ serviceId, operationName, protocol }: Routed, response: WireResponse): CallError | undefined {
  if (response.status < 300 && !(isS3Family(serviceId) && lateErrors.has(operationName))) return undefined;
  const error = decodeError(protocol, response);
  return error === undefined ? undefined : { ...error, status: response.status };
}
