import { canonicalQuery, objectPath, servicePath } from "./canonical-uri.ts";

/** The parts of a request that a signature covers, as they go over the wire. */
export interface SignableRequest {
  readonly method: string;
  /** Percent-encoded path without query. */
  readonly path: string;
  /** What stands behind the question mark, as received. */
  readonly query: string;
  /** Lower-case name → value; of several lines, the values joined with ",". Undefined where there is none. */
  header(name: string): string | undefined;
}

/** S3 signs paths as they are, all other services encode them twice and normalise them first. */
export type PathRule = "object" | "service";

/**
 * "Create a canonical request" of the IAM User Guide. Lines of the result hold one byte of the wire in each character.
 *
 * @param signedHeaders lower-case names, in the order that the signature names them.
 * @param payloadHash hex, or the words that stand for it (`UNSIGNED-PAYLOAD`).
 */
export function canonicalRequest(
  request: SignableRequest,
  rule: PathRule,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const path = rule === "object" ? objectPath(request.path) : servicePath(request.path);
  let text = `${request.method}\n${path}\n${canonicalQuery(request.query, "x-amz-signature")}\n`;
  for (const name of signedHeaders) text += `${name}:${plainValue(request.header(name) ?? "")}\n`;
  return `${text}\n${signedHeaders.join(";")}\n${payloadHash}`;
}

/** White space at the ends is not signed, and that within counts once. */
function plainValue(value: string): string {
  return /^[ \t]|[ \t]$|[ \t]{2}|\t/.test(value) ? value.replace(/^[ \t]+|[ \t]+$/g, "").replace(/[ \t]+/g, " ") : value;
}
