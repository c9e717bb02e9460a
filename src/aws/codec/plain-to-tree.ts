import type { Member, StructureShape } from "../catalogue/model.ts";
import type { Tree, TreeObject } from "../tree.ts";
import { blobFromText, dateFromSeconds, numberFromText, timestampFromText } from "./scalar.ts";
import { isTreeObject, openTree } from "./tree-builder.ts";

/** Which name a structure member has in the plain value. */
export type MemberName = (member: Member) => string;

/** awsJson and CBOR know members by their Smithy names. */
export const smithyName: MemberName = (member) => member.name;

/** restJson1 lets the model rename them. */
export const jsonName: MemberName = (member) => member.traits.jsonName ?? member.name;

/**
 * Gives a plain value, as JSON and CBOR carry it, the types of the model. Members of structures come in the model's order;
 * those that the model does not know, and nulls, are left out. Elsewhere what does not fit its shape stays as it is. The
 * value has been bounded by its parser.
 */
export function plainToTree(member: Member, value: Tree, nameOf: MemberName): Tree {
  const shape = member.target;
  switch (shape.kind) {
    case "structure":
      return isTreeObject(value) ? plainToStructure(shape, value, nameOf) : value;
    case "list":
      return Array.isArray(value) ? value.map((element: Tree) => plainToTree(shape.member, element, nameOf)) : value;
    case "map": {
      if (!isTreeObject(value)) return value;
      const entries = openTree();
      for (const [key, entry] of Object.entries(value)) entries[key] = plainToTree(shape.value, entry, nameOf);
      return entries;
    }
    case "timestamp":
      return plainToTimestamp(value);
    case "blob":
      return typeof value === "string" ? blobFromText(value) : value;
    case "bigInteger":
      return typeof value === "string" ? numberFromText(value) : value;
    case "number":
      // JSON cannot say these, and a record could not either.
      return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
    case "string":
    case "boolean":
    case "bigDecimal":
    case "document":
      return value;
  }
}

/** The members that `wanted` lets through, all unless told otherwise. */
export function plainToStructure(
  shape: StructureShape,
  value: TreeObject,
  nameOf: MemberName,
  wanted: (member: Member) => boolean = () => true,
): TreeObject {
  const members = openTree();
  for (const member of shape.members.values()) {
    const found = value[nameOf(member)];
    if (found === undefined || found === null || !wanted(member)) continue;
    members[member.name] = plainToTree(member, found, nameOf);
  }
  return members;
}

function plainToTimestamp(value: Tree): Tree {
  if (typeof value === "number") return dateFromSeconds(value) ?? value;
  return typeof value === "string" ? timestampFromText(value) : value;
}
