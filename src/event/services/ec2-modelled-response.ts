import type { Member, Shape, StructureShape } from "../../aws/catalogue/model.ts";
import { localName, type XmlElement } from "../../aws/xml/parse-xml.ts";
import type { Json, JsonObject } from "../../aws/tree.ts";
import { SENSITIVE_DATA_REMOVED } from "./ec2-modelled-request.ts";

/** Lists of answers that kept the name `item`. */
const singularItems: ReadonlySet<string> = new Set(["privateIpAddressesSet"]);

/** Elements whose empty text means something: the value of a tag. */
const emptyCounts: ReadonlySet<string> = new Set(["value"]);

const membersByElement = new WeakMap<StructureShape, ReadonlyMap<string, Member>>();

/**
 * `responseElements` in the modelled form: the names of the XML answer, lists as `{"items":[…]}`, times as epoch
 * milliseconds, `return` as `_return`. The model only says what is a number; elements that it does not know are kept.
 */
export function ec2ModelledResponse(shape: StructureShape | undefined, root: XmlElement): JsonObject | null {
  const shown = structure(shape, root);
  for (const _ in shown) return shown;
  return null;
}

function structure(shape: StructureShape | undefined, element: XmlElement): JsonObject {
  const members = shape === undefined ? undefined : memberTable(shape);
  const shown: Record<string, Json> = {};
  for (const child of element.children) {
    const name = localName(child.name);
    // The one name that would not become a member.
    if (name === "__proto__") continue;
    const member = members?.get(name);
    const value = member?.traits.sensitive === true ? SENSITIVE_DATA_REMOVED : valueOf(member?.target, child, name);
    if (value !== undefined) shown[name === "return" ? "_return" : name] = value;
  }
  return shown;
}

function valueOf(shape: Shape | undefined, element: XmlElement, name: string): Json | undefined {
  if (shape === undefined) return unmodelled(element, name);
  switch (shape.kind) {
    case "list":
      return list(shape.member, element, name);
    case "structure":
      return structure(shape, element);
    case "blob":
    case "document":
    case "map":
      return undefined;
    default:
      return scalar(shape.kind, element.text, name);
  }
}

function list(item: Member | undefined, element: XmlElement, name: string): Json {
  const hidden = item?.traits.sensitive === true;
  const items = element.children.flatMap((child) => {
    const value = hidden ? SENSITIVE_DATA_REMOVED : valueOf(item?.target, child, localName(child.name));
    return value === undefined ? [] : [value];
  });
  if (items.length === 0) return {};
  return { [singularItems.has(name) ? "item" : "items"]: items };
}

function unmodelled(element: XmlElement, name: string): Json | undefined {
  if (element.children.length === 0) {
    if (name === "return") return element.text === "true";
    return name.endsWith("Set") && element.text === "" ? {} : scalar("string", element.text, name);
  }
  if (element.children.every((child) => localName(child.name) === "item")) return list(undefined, element, name);
  return structure(undefined, element);
}

function scalar(kind: Shape["kind"], text: string, name: string): Json | undefined {
  if (text === "") return emptyCounts.has(name) ? "" : undefined;
  if (kind === "boolean") return text === "true";
  if (kind === "number" || kind === "bigInteger" || kind === "bigDecimal") {
    const number = Number(text);
    return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : text;
  }
  if (kind === "timestamp") {
    const time = Date.parse(text);
    return Number.isNaN(time) ? text : time;
  }
  return text;
}

function memberTable(shape: StructureShape): ReadonlyMap<string, Member> {
  let table = membersByElement.get(shape);
  if (table === undefined) {
    table = new Map([...shape.members.values()].map((member) => [member.traits.xmlName ?? member.name, member]));
    membersByElement.set(shape, table);
  }
  return table;
}
