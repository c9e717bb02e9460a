import type { Member, StructureShape } from "../catalogue/model.ts";
import type { Tree, TreeObject } from "../tree.ts";
import { parseXml } from "../xml/parse-xml.ts";
import type { DecodeBudget } from "./decode-budget.ts";
import { DecodeError } from "./decode-failure.ts";
import { elementToStructure, elementToTree, xmlNameOf } from "./element-to-tree.ts";
import { type BodyMembers, hasStream, isStream } from "./http-bindings.ts";
import { parseJson } from "./parse-json.ts";
import { jsonName, plainToStructure, plainToTree } from "./plain-to-tree.ts";
import { scalarFromText } from "./scalar.ts";
import { isTreeObject, openTree } from "./tree-builder.ts";

/** The members of `shape` that a REST body holds: the payload's one, or all that are `inBody`. */
export function decodeRestBody(
  shape: StructureShape,
  protocol: "restJson1" | "restXml",
  body: Uint8Array | undefined,
  inBody: BodyMembers,
  budget: DecodeBudget,
): TreeObject {
  if (body === undefined) return openTree();
  const payload = shape.members.values().find(({ traits }) => traits.httpPayload === true);
  if (payload !== undefined) {
    const members = openTree();
    const value = isStream(payload.traits) ? undefined : decodePayload(payload, protocol, body, budget);
    if (value !== undefined) members[payload.name] = value;
    return members;
  }
  if (hasStream(shape) || !shape.members.values().some(inBody)) return openTree();
  if (protocol === "restXml") return decodeXmlMembers(shape, body, inBody, budget);
  const value = parseJson(body, budget);
  if (value === undefined) return openTree();
  if (!isTreeObject(value)) throw new DecodeError("the body is no JSON object");
  return plainToStructure(shape, value, jsonName, inBody);
}

function decodePayload(
  payload: Member,
  protocol: "restJson1" | "restXml",
  body: Uint8Array,
  budget: DecodeBudget,
): Tree | undefined {
  const shape = payload.target;
  if (shape.kind === "blob") return Uint8Array.from(body);
  if (shape.kind !== "structure" && shape.kind !== "list" && shape.kind !== "map" && shape.kind !== "document") {
    return scalarFromText(shape, new TextDecoder().decode(body));
  }
  if (protocol === "restXml") return elementToTree(payload, parseXml(body, budget));
  const value = parseJson(body, budget);
  return value === undefined ? undefined : plainToTree(payload, value, jsonName);
}

function decodeXmlMembers(shape: StructureShape, body: Uint8Array, inBody: BodyMembers, budget: DecodeBudget): TreeObject {
  const root = parseXml(body, budget);
  const members = elementToStructure(shape, root, inBody);
  // S3 answers GetBucketLocation without an element around its only member.
  const [only, other] = shape.members.values().filter(inBody).take(2).toArray();
  if (only !== undefined && other === undefined && root.children.length === 0 && root.name === xmlNameOf(only)) {
    return Object.assign(openTree(), { [only.name]: elementToTree(only, root) });
  }
  return members;
}
