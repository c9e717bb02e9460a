import type { Operation, StructureShape } from "../catalogue/model.ts";
import type { Protocol } from "../protocol.ts";
import { parseForm } from "../query/form.ts";
import { formTree } from "../query/form-tree.ts";
import type { TreeObject } from "../tree.ts";
import { capturedBody } from "./captured-body.ts";
import { DecodeBudget } from "./decode-budget.ts";
import { decodePlainBody } from "./decode-plain-body.ts";
import { decodeRestRequest } from "./decode-rest-request.ts";
import { formToStructure } from "./form-to-structure.ts";
import { openTree } from "./tree-builder.ts";
import type { WireMessage } from "./wire-message.ts";

/**
 * Reads a request as the input of `operation`: members by Smithy name in the model's order, absent ones absent, streams
 * left out. What does not fit its type stays as it was sent, since this serves records, not handlers: a handler validates.
 * `labels` are those of the operation's URI where the router knows them; without them the path is matched here, S3 in path
 * style. Throws `DecodeError` where the body is not what the protocol says, or beyond the limits of `DecodeBudget`.
 */
export function decodeRequest(
  operation: Operation,
  protocol: Protocol,
  request: WireMessage,
  labels?: ReadonlyMap<string, string>,
): TreeObject {
  const shape = operation.input;
  if (shape === undefined) return openTree();
  const budget = new DecodeBudget();
  const body = capturedBody(request.headers, request.body);
  switch (protocol) {
    case "awsQuery":
    case "ec2Query":
      return decodeForm(shape, protocol, request, body, budget);
    case "restJson1":
    case "restXml":
      return decodeRestRequest(operation, shape, protocol, { ...request, body }, labels, budget);
    case "awsJson1_0":
    case "awsJson1_1":
    case "rpcv2Cbor":
      return decodePlainBody(shape, protocol, body, budget);
  }
}

/** The parameters may stand in the query string, in the body, or in both; the body has the last word. */
function decodeForm(
  shape: StructureShape,
  protocol: "awsQuery" | "ec2Query",
  request: WireMessage,
  body: Uint8Array | undefined,
  budget: DecodeBudget,
): TreeObject {
  const pairs = [...request.query, ...(body === undefined ? [] : parseForm(body, budget))];
  return formToStructure(shape, formTree(pairs, budget), protocol);
}
