import type { Operation, StructureShape } from "../catalogue/model.ts";
import type { Protocol } from "../protocol.ts";
import type { TreeObject } from "../tree.ts";
import { localName, parseXml } from "../xml/parse-xml.ts";
import { capturedBody } from "./captured-body.ts";
import { DecodeBudget } from "./decode-budget.ts";
import { decodePlainBody } from "./decode-plain-body.ts";
import { decodeRestBody } from "./decode-rest-body.ts";
import { elementToStructure } from "./element-to-tree.ts";
import { headerToTree } from "./header-value.ts";
import { inResponseBody } from "./http-bindings.ts";
import { prefixedHeaders } from "./prefixed-headers.ts";
import { openTree } from "./tree-builder.ts";
import type { WireAnswer } from "./wire-message.ts";

/**
 * Reads a successful answer as the output of `operation`: members by Smithy name in the model's order, absent ones absent,
 * streams left out; what does not fit its type stays as it was sent. Errors are `decodeError`'s. Throws `DecodeError` where
 * the body is not what the protocol says, or beyond the limits of `DecodeBudget`.
 */
export function decodeResponse(operation: Operation, protocol: Protocol, response: WireAnswer): TreeObject {
  const shape = operation.output;
  if (shape === undefined) return openTree();
  const budget = new DecodeBudget();
  const body = capturedBody(response.headers, response.body);
  switch (protocol) {
    case "awsQuery":
    case "ec2Query":
      return body === undefined ? openTree() : decodeResult(operation.name, shape, protocol, body, budget);
    case "restJson1":
    case "restXml":
      return decodeRestResponse(shape, protocol, { ...response, body }, budget);
    case "awsJson1_0":
    case "awsJson1_1":
    case "rpcv2Cbor":
      return decodePlainBody(shape, protocol, body, budget);
  }
}

/** awsQuery puts the output below `<OpResult>`, ec2Query straight into the root. */
function decodeResult(
  name: string,
  shape: StructureShape,
  protocol: "awsQuery" | "ec2Query",
  body: Uint8Array,
  budget: DecodeBudget,
): TreeObject {
  const root = parseXml(body, budget);
  if (protocol === "ec2Query") return elementToStructure(shape, root);
  const result = root.children.find((child) => localName(child.name) === `${name}Result`);
  return elementToStructure(shape, result ?? root);
}

function decodeRestResponse(
  shape: StructureShape,
  protocol: "restJson1" | "restXml",
  response: WireAnswer,
  budget: DecodeBudget,
): TreeObject {
  const body = decodeRestBody(shape, protocol, response.body, inResponseBody, budget);
  const output = openTree();
  for (const member of shape.members.values()) {
    const { httpHeader, httpPrefixHeaders, httpResponseCode } = member.traits;
    const header = httpHeader === undefined ? undefined : response.headers.get(httpHeader.toLowerCase());
    let value = body[member.name];
    if (header !== undefined) value = headerToTree(member, header);
    else if (httpPrefixHeaders !== undefined) value = prefixedHeaders(member, httpPrefixHeaders, response.headers);
    else if (httpResponseCode === true) value = response.status;
    if (value !== undefined) output[member.name] = value;
  }
  return output;
}
