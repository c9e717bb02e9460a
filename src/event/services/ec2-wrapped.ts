import { bareObject } from "../../aws/bare-object.ts";
import type { Shape, StructureShape } from "../../aws/catalogue/model.ts";
import { formToOrgJson } from "../../aws/query/form-to-org-json.ts";
import type { FormPair } from "../../aws/query/form-tree.ts";
import type { Json, JsonObject } from "../../aws/tree.ts";
import { xmlToOrgJson } from "../../aws/xml/org-json.ts";
import { localName, type XmlElement } from "../../aws/xml/parse-xml.ts";
import { SENSITIVE_DATA_REMOVED } from "./ec2-modelled-request.ts";

/** Roots that are not named after their operation. */
const requestRoots: ReadonlyMap<string, string> = new Map([["DeleteTransitGatewayVpcAttachment", "DelTGwVpcAttachReq"]]);

/** How members are called on one side of the wire. */
type WireName = (shape: StructureShape) => ReadonlyMap<string, { readonly sensitive: boolean; readonly target: Shape }>;

/** `requestParameters` of the younger operations: the query's pairs below `<Op>Request`, in the manner of org.json. */
export function ec2WrappedRequest(operation: string, shape: StructureShape | undefined, pairs: readonly FormPair[]): JsonObject {
  const request = hideSensitive(formToOrgJson(pairs), shape, queryMembers);
  return { [requestRoots.get(operation) ?? `${operation}Request`]: request };
}

/** `responseElements` of the younger operations: the XML answer below its root, in the manner of org.json. */
export function ec2WrappedResponse(shape: StructureShape | undefined, root: XmlElement): JsonObject {
  return { [localName(root.name)]: hideSensitive(xmlToOrgJson(root), shape, xmlMembers) };
}

function hideSensitive(value: Json, shape: Shape | undefined, members: WireName): Json {
  if (shape === undefined || typeof value !== "object" || value === null) return value;
  if (isArray(value)) return value.map((element) => hideSensitive(element, shape, members));
  if (shape.kind === "list") return hideElements(value, shape.member.target, shape.member.traits.sensitive === true, members);
  if (shape.kind !== "structure") return value;
  const known = members(shape);
  const result = bareObject<Json>();
  for (const [name, member] of Object.entries(value)) {
    const found = known.get(name);
    result[name] = found?.sensitive === true ? SENSITIVE_DATA_REMOVED : hideSensitive(member, found?.target, members);
  }
  return result;
}

/** A list is one of its elements (query), or `{"item": …}` (XML); an element of the query has `tag` and `content` beside its members. */
function hideElements(value: JsonObject, target: Shape, sensitive: boolean, members: WireName): Json {
  const result = bareObject<Json>();
  for (const [name, member] of Object.entries(value)) {
    const isValue = name === "item" || name === "content";
    if (isValue && sensitive) result[name] = SENSITIVE_DATA_REMOVED;
    else result[name] = name === "item" ? hideSensitive(member, target, members) : member;
  }
  return value["item"] === undefined ? hideSensitive(result, target, members) : result;
}

const queryMembers = memberTable((name, xmlName, queryName) => queryName ?? upperFirst(xmlName ?? name));
const xmlMembers = memberTable((name, xmlName) => xmlName ?? name);

function memberTable(nameOf: (name: string, xmlName?: string, queryName?: string) => string): WireName {
  const tables = new WeakMap<StructureShape, ReturnType<WireName>>();
  return (shape) => {
    let table = tables.get(shape);
    if (table === undefined) {
      table = new Map(
        [...shape.members.values()].map(({ name, traits, target }) => [
          nameOf(name, traits.xmlName, traits.ec2QueryName),
          { sensitive: traits.sensitive === true, target },
        ]),
      );
      tables.set(shape, table);
    }
    return table;
  };
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function upperFirst(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
