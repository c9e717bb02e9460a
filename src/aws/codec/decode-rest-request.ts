import type { Member, Operation, StructureShape } from "../catalogue/model.ts";
import type { Tree, TreeObject } from "../tree.ts";
import type { DecodeBudget } from "./decode-budget.ts";
import { decodeRestBody } from "./decode-rest-body.ts";
import { headerToTree } from "./header-value.ts";
import { inRequestBody } from "./http-bindings.ts";
import { prefixedHeaders } from "./prefixed-headers.ts";
import { scalarFromText } from "./scalar.ts";
import { openTree } from "./tree-builder.ts";
import { uriLabels } from "./uri-labels.ts";
import type { WireMessage } from "./wire-message.ts";

/** Query parameters of presigned requests, which are never input. */
const SIGNATURE_PARAMETERS =
  /^x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256|region-set)$/i;

/** Gathers the input of a REST request from path, query string, headers and body. */
export function decodeRestRequest(
  operation: Operation,
  shape: StructureShape,
  protocol: "restJson1" | "restXml",
  request: WireMessage,
  labels: ReadonlyMap<string, string> | undefined,
  budget: DecodeBudget,
): TreeObject {
  const uri = operation.http?.uri ?? "/";
  const found = labels ?? uriLabels(uri, request.path, hostLabels(operation, shape, uri)) ?? new Map<string, string>();
  const query = queryValues(request, budget);
  const bound = boundNames(shape, uri);
  const body = decodeRestBody(shape, protocol, request.body, inRequestBody, budget);

  const input = openTree();
  for (const member of shape.members.values()) {
    const value = boundValue(member, found, query, bound, request.headers) ?? body[member.name];
    if (value !== undefined) input[member.name] = value;
  }
  return input;
}

function boundValue(
  member: Member,
  labels: ReadonlyMap<string, string>,
  query: ReadonlyMap<string, readonly string[]>,
  bound: ReadonlySet<string>,
  headers: ReadonlyMap<string, string>,
): Tree | undefined {
  const { traits } = member;
  if (traits.httpLabel === true) return ifPresent(labels.get(member.name), (text) => textToTree(member, [text]));
  if (traits.httpQuery !== undefined) return ifPresent(query.get(traits.httpQuery), (texts) => textToTree(member, texts));
  if (traits.httpQueryParams === true) return queryMap(member, query, bound);
  if (traits.httpHeader !== undefined) {
    return ifPresent(headers.get(traits.httpHeader.toLowerCase()), (text) => headerToTree(member, text));
  }
  return traits.httpPrefixHeaders === undefined ? undefined : prefixedHeaders(member, traits.httpPrefixHeaders, headers);
}

function ifPresent<From>(from: From | undefined, to: (from: From) => Tree): Tree | undefined {
  return from === undefined ? undefined : to(from);
}

/** Labels and query parameters are plain texts; only lists take more than the first. */
function textToTree(member: Member, texts: readonly string[]): Tree {
  const shape = member.target;
  if (shape.kind === "list") return texts.map((text) => textToTree(shape.member, [text]));
  const [text = ""] = texts;
  return shape.kind === "structure" || shape.kind === "map" ? text : scalarFromText(shape, text);
}

/** Everything in the query string that no other member and no literal of the URI has taken. */
function queryMap(
  member: Member,
  query: ReadonlyMap<string, readonly string[]>,
  bound: ReadonlySet<string>,
): TreeObject | undefined {
  const shape = member.target;
  if (shape.kind !== "map") return undefined;
  const map = openTree();
  for (const [name, values] of query) {
    if (!bound.has(name) && !SIGNATURE_PARAMETERS.test(name)) map[name] = textToTree(shape.value, values);
  }
  return Object.keys(map).length === 0 ? undefined : map;
}

function queryValues(request: WireMessage, budget: DecodeBudget): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of request.query) {
    budget.spend(1);
    const same = values.get(name);
    if (same === undefined) values.set(name, [value]);
    else same.push(value);
  }
  return values;
}

function boundNames(shape: StructureShape, uri: string): Set<string> {
  const names = new Set<string>();
  for (const { traits } of shape.members.values()) {
    if (traits.httpQuery !== undefined) names.add(traits.httpQuery);
  }
  const [, literal = ""] = uri.split("?", 2);
  for (const parameter of literal.split("&")) names.add(parameter.split("=", 1)[0] ?? "");
  return names;
}

/** S3's bucket is a label that its URIs leave to the host name. */
function hostLabels(operation: Operation, shape: StructureShape, uri: string): string[] {
  if (operation.service.id !== "s3") return [];
  const bucket = shape.members.get("Bucket");
  return bucket?.traits.httpLabel === true && !uri.includes("{Bucket}") ? ["Bucket"] : [];
}
