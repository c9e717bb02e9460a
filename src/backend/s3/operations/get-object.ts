import { AwsError } from "../../../aws/aws-error.ts";
import { readCondition } from "../conditions.ts";
import { askedChecksumHeaders, objectHeaders } from "../object-headers.ts";
import { isHeaderValue } from "../header-value.ts";
import { objectOf, type S3Answer, type S3Call, type S3Operation } from "../s3-call.ts";
import type { StoredObject } from "../stored.ts";

/** Query parameters with which a signed GET overrides the answer's headers. */
const OVERRIDES = ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"];

/** Octets, both included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export const getObject: S3Operation = (call) => {
  const object = objectOf(call);
  const answer = head(call, object);
  if (answer.status === 304) return answer;
  const { first, last } = spanOf(call, object) ?? { first: 0, last: object.size - 1 };
  return { ...answer, body: call.store.files.read(object.body, first, last) };
};

export const headObject: S3Operation = (call) => head(call, objectOf(call));

function head(call: S3Call, object: StoredObject): S3Answer {
  if (readCondition(object, call.headers) === "not-modified") {
    return { status: 304, headers: { etag: object.etag, "last-modified": new Date(object.modified).toUTCString() } };
  }
  const headers = { ...objectHeaders(object), ...overrides(call) };
  if (call.query.has("partNumber")) headers["x-amz-mp-parts-count"] = String(object.body.length);
  const span = spanOf(call, object);
  if (span === undefined) {
    // Clients hold the checksum of the whole against what they receive, so it goes with the whole alone.
    const checksum = askedChecksumHeaders(object, call.headers);
    return { status: 200, headers: { ...headers, ...checksum, "content-length": String(object.size) } };
  }
  return {
    status: 206,
    headers: {
      ...headers,
      "content-length": String(span.last - span.first + 1),
      "content-range": `bytes ${span.first}-${span.last}/${object.size}`,
    },
  };
}

function overrides(call: S3Call): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = call.query.get(`response-${name}`);
    if (value === null) continue;
    if (!isHeaderValue(value)) throw new AwsError("InvalidArgument", `response-${name} is no header value`, 400);
    found[name] = value;
  }
  return found;
}

/** The octets asked for by `Range` or `partNumber`; undefined for all of them. Throws `InvalidRange`. */
function spanOf(call: S3Call, object: StoredObject): Span | undefined {
  const part = call.query.get("partNumber");
  if (part !== null) return partSpan(object, Number(part));
  return parseRange(call.headers.get("range"), object.size);
}

/** One range of octets; S3 takes no more than one and passes over what it cannot read. */
export function parseRange(header: string | undefined, size: number): Span | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const suffix = match[1] === "";
  const first = suffix ? Math.max(size - Number(match[2]), 0) : Number(match[1]);
  const last = suffix || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (!suffix && match[2] !== "" && Number(match[2]) < first) return undefined;
  if (first >= size || (suffix && Number(match[2]) === 0)) {
    throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416);
  }
  return { first, last };
}

function partSpan(object: StoredObject, number: number): Span | undefined {
  if (number === 1 && object.size === 0) return undefined;
  let first = 0;
  for (const [index, { size }] of object.body.entries()) {
    if (index + 1 === number) return { first, last: first + size - 1 };
    first += size;
  }
  throw new AwsError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
}
