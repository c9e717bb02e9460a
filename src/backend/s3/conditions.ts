import { AwsError } from "../../aws/aws-error.ts";
import type { StoredObject } from "./stored.ts";

/** What the conditional headers of a read decide (RFC 9110, section 13.2.2). Throws `PreconditionFailed`. */
export function readCondition(object: StoredObject, headers: ReadonlyMap<string, string>, prefix = ""): "send" | "not-modified" {
  const get = (name: string): string | undefined => headers.get(`${prefix}${name}`);
  const second = Math.floor(object.modified / 1000) * 1000;
  const match = get("if-match");
  if (match !== undefined) {
    if (!matches(match, object.etag)) throw failed();
  } else if (second > Date.parse(get("if-unmodified-since") ?? "")) throw failed();

  const noneMatch = get("if-none-match");
  if (noneMatch !== undefined) return matches(noneMatch, object.etag) ? "not-modified" : "send";
  return second <= Date.parse(get("if-modified-since") ?? "") ? "not-modified" : "send";
}

/** Conditional writes: `If-None-Match: *` and `If-Match: ETAG`. Throws `PreconditionFailed` or `NoSuchKey`. */
export function checkWriteCondition(old: StoredObject | undefined, headers: ReadonlyMap<string, string>): void {
  if (headers.get("if-none-match") === "*" && old !== undefined) throw failed();
  const match = headers.get("if-match");
  if (match === undefined) return;
  if (old === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
  if (!matches(match, old.etag)) throw failed();
}

function matches(header: string, etag: string): boolean {
  return header.split(",").some((one) => {
    const wanted = one.trim().replace(/^W\//, "").replaceAll('"', "");
    return wanted === "*" || wanted === etag.replaceAll('"', "");
  });
}

function failed(): AwsError {
  return new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
}
