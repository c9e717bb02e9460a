import type { Member, StructureShape, Traits } from "../catalogue/model.ts";
import type { Tree, TreeObject } from "../tree.ts";
import { isTreeObject } from "./tree-builder.ts";

/** A structure as JSON text, its members named by `jsonName` if `renamed` (restJson1), else by their Smithy names. */
export function structureToJson(shape: StructureShape, value: TreeObject, renamed: boolean): string {
  const members: string[] = [];
  for (const member of shape.members.values()) {
    const found = value[member.name];
    if (found === undefined || found === null) continue;
    const name = renamed ? (member.traits.jsonName ?? member.name) : member.name;
    members.push(`${JSON.stringify(name)}:${memberToJson(member, found, renamed)}`);
  }
  return `{${members.join(",")}}`;
}

function memberToJson(member: Member, value: Tree, renamed: boolean): string {
  const shape = member.target;
  if (shape.kind === "structure" && isTreeObject(value)) return structureToJson(shape, value, renamed);
  if (shape.kind === "list" && Array.isArray(value)) {
    return `[${value.map((element: Tree) => memberToJson(shape.member, element, renamed)).join(",")}]`;
  }
  if (shape.kind === "map" && isTreeObject(value)) {
    return objectToJson(value, (entry) => memberToJson(shape.value, entry, renamed));
  }
  return plainToJson(value, member.traits);
}

/** A value that has no structure of the model, or is a leaf of one. */
function plainToJson(value: Tree, traits: Traits): string {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Date) return timestampToJson(value, traits);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  // The names that Smithy gives to what JSON has no number for.
  if (typeof value === "number" && !Number.isFinite(value)) return JSON.stringify(String(value));
  if (Array.isArray(value)) return `[${value.map((element: Tree) => plainToJson(element, traits)).join(",")}]`;
  return isTreeObject(value) ? objectToJson(value, (entry) => plainToJson(entry, traits)) : JSON.stringify(value);
}

function objectToJson(value: TreeObject, encode: (entry: Tree) => string): string {
  const entries = Object.entries(value).map(([name, entry]) => `${JSON.stringify(name)}:${encode(entry)}`);
  return `{${entries.join(",")}}`;
}

function timestampToJson(date: Date, { timestampFormat = "epoch-seconds" }: Traits): string {
  if (timestampFormat === "date-time") return JSON.stringify(date.toISOString().replace(".000Z", "Z"));
  return timestampFormat === "http-date" ? JSON.stringify(date.toUTCString()) : String(date.getTime() / 1000);
}
