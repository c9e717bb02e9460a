import type { ApiCall, CallError } from "../api-call.ts";

/**
 * What went wrong as S3 itself knows it. Answers to HEAD have no body, so the wire only has a status: S3's own logs name the
 * missing key or bucket all the same.
 */
export function s3Error(call: ApiCall): CallError | undefined {
  const { error, request } = call;
  if (error === undefined || request.method !== "HEAD" || error.message !== undefined) return error;
  if (error.status === 403) return { ...error, message: "Access Denied" };
  if (error.status !== 404) return error;
  return request.s3?.key === undefined
    ? { ...error, code: "NoSuchBucket", message: "The specified bucket does not exist" }
    : { ...error, code: "NoSuchKey", message: "The specified key does not exist." };
}
