import { AwsError } from "../../aws/aws-error.ts";
import type { EndpointRequest } from "../../aws/endpoint.ts";
import { isHeaderValue } from "./header-value.ts";

/** Signers of presigned URLs work these out for a body that they do not know. */
const LEFT_OUT = /^x-amz-(?:checksum-|sdk-checksum-|content-sha256$)/;

export interface S3Request {
  readonly query: URLSearchParams;
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Query and headers of a request. In a presigned URL, parameters that begin with `x-amz-` stand for the headers of that
 * name. Throws `InvalidArgument` where such a value can be no header.
 */
export function readS3Request({ target, headers: lines }: EndpointRequest): S3Request {
  const mark = target.indexOf("?");
  const query = new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const name = (lines[index] ?? "").toLowerCase();
    const value = lines[index + 1] ?? "";
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  if (query.has("X-Amz-Signature")) {
    for (const [parameter, value] of query) {
      const name = parameter.toLowerCase();
      if (!name.startsWith("x-amz-") || LEFT_OUT.test(name) || headers.has(name)) continue;
      if (!isHeaderValue(value) || !/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
        throw new AwsError("InvalidArgument", `${parameter} is no header value`, 400);
      }
      headers.set(name, value);
    }
  }
  return { query, headers };
}
