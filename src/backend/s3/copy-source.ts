import { AwsError } from "../../aws/aws-error.ts";
import { readCondition } from "./conditions.ts";
import { objectOf, type S3Call } from "./s3-call.ts";
import type { StoredObject } from "./stored.ts";

/**
 * The object that `x-amz-copy-source` names (`[/]BUCKET/KEY[?versionId=null]`, percent-encoded), if the request's
 * `x-amz-copy-source-if-…` conditions hold. Throws `InvalidArgument`, `PreconditionFailed`, `NoSuchKey`, `NoSuchBucket`.
 */
export function copySourceOf(call: S3Call): StoredObject {
  const source = call.headers.get("x-amz-copy-source") ?? "";
  const [path = "", query] = source.split("?", 2);
  const decoded = decode(path).replace(/^\//, "");
  const slash = decoded.indexOf("/");
  if (slash < 1 || slash === decoded.length - 1) {
    throw new AwsError("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey", 400);
  }
  const version = new URLSearchParams(query).get("versionId");
  const object = objectOf(call, decoded.slice(0, slash), decoded.slice(slash + 1), version);
  if (readCondition(object, call.headers, "x-amz-copy-source-") === "not-modified") {
    throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
  }
  return object;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AwsError("InvalidArgument", "Invalid copy source encoding.", 400);
  }
}
