import type { ListShape, Member, Shape, StructureShape } from "../../aws/catalogue/model.ts";
import type { Json, JsonObject, Tree, TreeObject } from "../../aws/tree.ts";
import { isTreeObject } from "../../aws/codec/tree-builder.ts";
import { ec2ListName, ec2MemberName, ec2ShowsMember } from "./ec2-modelled-names.ts";
import { reshapeEc2Request } from "./ec2-modelled-reshape.ts";
import { ec2FullElements, ec2RequestForm, ec2SingularItems } from "./ec2-modelled-shapes.ts";

/** What EC2 writes for every value that it will not show. */
export const SENSITIVE_DATA_REMOVED = "<sensitiveDataRemoved>";

type Writable = Record<string, Json>;

/**
 * `requestParameters` in the modelled form: SOAP element names, every list as `{"items":[…]}`, the selector lists of
 * Describe calls always there.
 */
export function ec2ModelledRequest(operation: string, shape: StructureShape | undefined, input: TreeObject): JsonObject | null {
  if (shape === undefined) return null;
  const shown = structure(operation, shape, input);
  if (operation.startsWith("Describe")) addEmptySelectors(operation, shape, shown);
  reshapeEc2Request(operation, shown);
  const { always, order } = ec2RequestForm(operation);
  for (const [name, value] of Object.entries(always ?? {})) shown[name] ??= value;
  return ordered(shown, order ?? []);
}

function structure(operation: string, shape: StructureShape, tree: TreeObject): Writable {
  const shown = emptyObject();
  for (const member of shape.members.values()) {
    const value = tree[member.name];
    if (value === undefined || value === null || !ec2ShowsMember(operation, member.name)) continue;
    if (member.target.kind === "list") addList(operation, member, member.target, value, shown);
    else {
      const json = single(operation, member, value);
      if (json !== undefined) shown[ec2MemberName(operation, member.name)] = json;
    }
  }
  return shown;
}

function single(operation: string, member: Member, value: Tree): Json | undefined {
  if (member.traits.sensitive === true) return SENSITIVE_DATA_REMOVED;
  return valueOf(operation, member.target, value);
}

function valueOf(operation: string, shape: Shape, value: Tree): Json | undefined {
  if (shape.kind === "structure") return isTreeObject(value) ? structure(operation, shape, value) : undefined;
  return scalar(value);
}

/** Times are epoch milliseconds here, unlike everywhere else. */
function scalar(value: Tree): Json | undefined {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.getTime();
  return undefined;
}

function addList(operation: string, member: Member, shape: ListShape, value: Tree, shown: Writable): void {
  if (!Array.isArray(value)) return;
  const { set, element } = listName(operation, member);
  const key = ec2SingularItems.has(`${operation} ${set}`) ? "item" : "items";
  const before = itemsOf(shown[set], key);
  const items = (value as readonly Tree[]).flatMap((entry) => listItem(operation, member, shape, entry, element));
  shown[set] = before.length + items.length === 0 ? {} : { [key]: [...before, ...items] };
}

function listItem(operation: string, member: Member, shape: ListShape, entry: Tree, element: string): Json[] {
  const target = shape.member.target;
  if (target.kind !== "structure") {
    const json = shape.member.traits.sensitive === true ? SENSITIVE_DATA_REMOVED : scalar(entry);
    return json === undefined ? [] : [{ [element]: json }];
  }
  if (!isTreeObject(entry)) return [];
  const item = structure(operation, target, entry);
  for (const name of ec2FullElements.get(member.name) ?? []) item[ec2ListName(operation, name, undefined).set] ??= {};
  // The one list that is not wrapped: tags inside a tag specification.
  const tags = member.name === "TagSpecifications" ? item["tagSet"] : undefined;
  if (tags !== undefined) {
    delete item["tagSet"];
    item["tags"] = itemsOf(tags, "items");
  }
  return [item];
}

/** A list that was not sent shows as `{}`: DescribeSecurityGroups alone is `{"securityGroupSet":{},…}`. */
function addEmptySelectors(operation: string, shape: StructureShape, shown: Writable): void {
  const sets: string[] = [];
  for (const member of shape.members.values()) {
    if (member.target.kind === "list") sets.push(listName(operation, member).set);
  }
  const filters = shown["filterSet"];
  if (filters !== undefined) delete shown["filterSet"];
  for (const set of sets) if (set !== "filterSet") shown[set] ??= {};
  if (sets.includes("filterSet")) shown["filterSet"] = filters ?? {};
}

function listName(operation: string, member: Member) {
  const { xmlName, ec2QueryName } = member.traits;
  return ec2ListName(operation, member.name, ec2QueryName ?? xmlName);
}

function itemsOf(set: Json | undefined, key: string): readonly Json[] {
  if (typeof set !== "object" || set === null || Array.isArray(set)) return [];
  const items = (set as JsonObject)[key];
  return Array.isArray(items) ? (items as readonly Json[]) : [];
}

function ordered(shown: Writable, order: readonly string[]): JsonObject | null {
  const result = emptyObject();
  for (const name of order) if (shown[name] !== undefined) result[name] = shown[name];
  for (const [name, value] of Object.entries(shown)) result[name] ??= value;
  for (const _ in result) return result;
  return null;
}

function emptyObject(): Writable {
  // All names come from the model.
  return {};
}
