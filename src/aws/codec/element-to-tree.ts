import type { ListShape, MapShape, Member, StructureShape } from "../catalogue/model.ts";
import type { Tree, TreeObject } from "../tree.ts";
import { localName, type XmlElement } from "../xml/parse-xml.ts";
import { scalarFromText } from "./scalar.ts";
import { openTree } from "./tree-builder.ts";

/**
 * Reads an element as a structure: members in the model's order, elements that the model does not know left out. Serves
 * requests and answers of restXml and the answers of both query protocols. The document has been bounded by its parser;
 * the model's recursion is followed only as far as elements nest.
 */
export function elementToStructure(
  shape: StructureShape,
  element: XmlElement,
  wanted: (member: Member) => boolean = () => true,
): TreeObject {
  const children = childrenByName(element);
  const members = openTree();
  for (const member of shape.members.values()) {
    if (!wanted(member)) continue;
    const value = member.traits.xmlAttribute === true ? attribute(element, member) : memberValue(children, member);
    if (value !== undefined) members[member.name] = value;
  }
  return members;
}

/** Reads one element, the one that stands for `member`, as the member's shape says. */
export function elementToTree(member: Member, element: XmlElement): Tree {
  const shape = member.target;
  switch (shape.kind) {
    case "structure":
      return elementToStructure(shape, element);
    case "list":
      return listElements(shape, element).map((child) => elementToTree(shape.member, child));
    case "map":
      return mapFrom(shape, element.children);
    default:
      return scalarFromText(shape, element.text);
  }
}

/** The name of a member's element. */
export function xmlNameOf(member: Member): string {
  return member.traits.xmlName ?? member.name;
}

function memberValue(children: ReadonlyMap<string, XmlElement[]>, member: Member): Tree | undefined {
  const shape = member.target;
  const found = children.get(localName(xmlNameOf(member)));
  const [first] = found ?? [];
  if (found === undefined || first === undefined) return undefined;
  if (member.traits.xmlFlattened === true) {
    if (shape.kind === "list") return found.map((element) => elementToTree(shape.member, element));
    if (shape.kind === "map") return mapFrom(shape, found);
  }
  return elementToTree(member, first);
}

/** The list's elements by their name; all children where none has it, because emulators differ here. */
function listElements(shape: ListShape, element: XmlElement): readonly XmlElement[] {
  const name = shape.member.traits.xmlName ?? "member";
  const named = element.children.filter((child) => localName(child.name) === name);
  return named.length > 0 ? named : element.children;
}

function mapFrom(shape: MapShape, entries: readonly XmlElement[]): TreeObject {
  const keyName = shape.key.traits.xmlName ?? "key";
  const valueName = shape.value.traits.xmlName ?? "value";
  const map = openTree();
  for (const entry of entries) {
    const key = entry.children.find((child) => localName(child.name) === keyName) ?? entry.children[0];
    const value = entry.children.find((child) => child !== key && localName(child.name) === valueName) ?? entry.children[1];
    if (key !== undefined) map[key.text] = value === undefined ? "" : elementToTree(shape.value, value);
  }
  return map;
}

function attribute(element: XmlElement, member: Member): Tree | undefined {
  const name = xmlNameOf(member);
  let text = element.attributes.get(name);
  for (const [other, value] of element.attributes) {
    if (text === undefined && localName(other) === localName(name)) text = value;
  }
  const shape = member.target;
  if (text === undefined || shape.kind === "structure" || shape.kind === "list" || shape.kind === "map") return undefined;
  return scalarFromText(shape, text);
}

function childrenByName(element: XmlElement): Map<string, XmlElement[]> {
  const children = new Map<string, XmlElement[]>();
  for (const child of element.children) {
    const name = localName(child.name);
    const same = children.get(name);
    if (same === undefined) children.set(name, [child]);
    else same.push(child);
  }
  return children;
}
