import type { StructureShape } from "../catalogue/model.ts";
import { parseCbor } from "../cbor/parse-cbor.ts";
import type { TreeObject } from "../tree.ts";
import type { DecodeBudget } from "./decode-budget.ts";
import { DecodeError } from "./decode-failure.ts";
import { hasStream } from "./http-bindings.ts";
import { parseJson } from "./parse-json.ts";
import { plainToStructure, smithyName } from "./plain-to-tree.ts";
import { isTreeObject, openTree } from "./tree-builder.ts";

/** Reads the body of an RPC protocol whose whole input or output is one JSON or CBOR object. */
export function decodePlainBody(
  shape: StructureShape,
  protocol: "awsJson1_0" | "awsJson1_1" | "rpcv2Cbor",
  body: Uint8Array | undefined,
  budget: DecodeBudget,
): TreeObject {
  if (body === undefined || hasStream(shape)) return openTree();
  const value = protocol === "rpcv2Cbor" ? parseCbor(body, budget) : parseJson(body, budget);
  if (value === undefined) return openTree();
  if (!isTreeObject(value)) throw new DecodeError("the body is no object");
  return plainToStructure(shape, value, smithyName);
}
