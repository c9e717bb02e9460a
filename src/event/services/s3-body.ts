import { localName, parseXml } from "../../aws/xml/parse-xml.ts";
import { xmlToOrgJson } from "../../aws/xml/org-json.ts";
import { DecodeBudget } from "../../aws/codec/decode-budget.ts";
import { parseJson } from "../../aws/codec/parse-json.ts";
import { isTreeObject } from "../../aws/codec/tree-builder.ts";
import type { Json, Tree } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import { jsonObject } from "./json-object.ts";

/** Bodies that S3 does not put into its records although they are configuration. */
const NOT_SHOWN: ReadonlySet<string> = new Set([
  "DeleteObjects",
  "PutBucketMetricsConfiguration",
  "PutBucketAnalyticsConfiguration",
]);

/** requestParameters beyond 100 KB are left out as a whole; a longer body would only take the rest with it. */
const MAXIMUM_BODY = 100 * 1024;
/** Each value of a shown body takes some bytes of that. */
const MAXIMUM_VALUES = 50_000;

/**
 * What the body adds to `requestParameters`: a configuration under its root element in the org.json form, a bucket policy
 * as parsed JSON, nothing for object data and for bodies that cannot be read.
 */
export function s3Body(call: ApiCall): readonly (readonly [name: string, value: Json])[] {
  const { body, bodyTruncated } = call.request;
  if (body === undefined || body.length === 0 || body.length > MAXIMUM_BODY || bodyTruncated) return [];
  const budget = new DecodeBudget(MAXIMUM_VALUES);
  try {
    if (call.operationName === "PutBucketPolicy") {
      const policy = toJson(parseJson(body, budget));
      return policy === undefined ? [] : [["bucketPolicy", policy]];
    }
    if (!hasConfigurationBody(call) || NOT_SHOWN.has(call.operationName)) return [];
    const root = parseXml(body, budget);
    return [[localName(root.name), xmlToOrgJson(root)]];
  } catch {
    // Not XML, not JSON, or made to exhaust us: the backend has answered for it, and the record stands without it.
    return [];
  }
}

/** Object data is a blob in the model; what S3 reads itself is a structure, bound to the whole body. */
function hasConfigurationBody(call: ApiCall): boolean {
  for (const member of call.operation?.input?.members.values() ?? []) {
    if (member.traits.httpPayload === true) return member.target.kind === "structure";
  }
  // s3-control binds its members to the body one by one; S3 does so for SelectObjectContent alone, whose SQL stays out.
  return call.serviceId === "s3-control";
}

function toJson(tree: Tree | undefined): Json | undefined {
  if (Array.isArray(tree)) return tree.map((element) => toJson(element) ?? null);
  if (isTreeObject(tree)) return jsonObject(Object.entries(tree).map(([name, value]) => [name, toJson(value)]));
  if (typeof tree === "bigint") return String(tree);
  if (typeof tree === "string" || typeof tree === "number" || typeof tree === "boolean" || tree === null) return tree;
  return undefined;
}
