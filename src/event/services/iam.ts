import type { Json, JsonObject } from "../../aws/tree.ts";
import type { ServiceRules } from "../service-rules.ts";
import { isTreeObject } from "../../aws/codec/tree-builder.ts";
import { jsonObject } from "./json-object.ts";

/**
 * Policy documents stand in the answer percent-encoded (RFC 3986), as IAM sends them; servers that speak its API do not all
 * do so. In the request they are as sent. Source: IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail".
 */
export const iam: ServiceRules = {
  // Nothing of this call is ever shown.
  requestParameters: (call, general) => (call.operationName === "ChangePassword" ? null : general),
  responseElements: (_, general) => (general === null ? null : encodeDocuments(general)),
};

const DOCUMENTS: ReadonlySet<string> = new Set(["assumeRolePolicyDocument", "policyDocument", "document"]);

function encodeDocuments(object: JsonObject): JsonObject {
  return jsonObject(
    Object.entries(object).map(([name, value]): [string, Json] => {
      if (typeof value === "string") return [name, DOCUMENTS.has(name) ? encoded(value) : value];
      return [name, isTreeObject(value) ? encodeDocuments(value) : value];
    }),
  );
}

function encoded(document: string): string {
  if (!/^\s*[{[]/.test(document)) return document;
  return encodeURIComponent(document.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
