import { createHash } from "node:crypto";

/** The two ids of an S3 answer. The second is opaque: here it follows from the first, so that one can be told from the other. */
export function requestIds(requestId: string): { readonly [header: string]: string } {
  const second = createHash("sha512").update(requestId).digest().subarray(0, 56).toString("base64");
  return { "x-amz-request-id": requestId, "x-amz-id-2": second };
}
