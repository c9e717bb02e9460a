import type { ListShape, MapShape, Member, StructureShape } from "../catalogue/model.ts";
import { type FormNode, formElements } from "../query/form-tree.ts";
import type { Tree, TreeObject } from "../tree.ts";
import { scalarFromText } from "./scalar.ts";
import { openTree } from "./tree-builder.ts";

/** The two ways to name parameters: `awsQuery` by xmlName, `ec2Query` by its own names, capitalised. */
export type QueryDialect = "awsQuery" | "ec2Query";

/**
 * Reads the parameters of a query request as a structure. Recursive models are followed only as far as parameters nest,
 * and `formTree` has bounded those.
 */
export function formToStructure(shape: StructureShape, node: FormNode, dialect: QueryDialect): TreeObject {
  const members = openTree();
  for (const member of shape.members.values()) {
    const value = memberValue(member, node, dialect);
    if (value !== undefined) members[member.name] = value;
  }
  return members;
}

function memberValue(member: Member, parent: FormNode, dialect: QueryDialect): Tree | undefined {
  for (const name of parameterNames(member, dialect)) {
    const node = parent.children.get(name);
    if (node !== undefined) return nodeToTree(member, node, dialect);
  }
  return undefined;
}

/** The name that the protocol prescribes, then those that older clients use. */
function parameterNames(member: Member, dialect: QueryDialect): string[] {
  const { ec2QueryName, xmlName = member.name } = member.traits;
  if (dialect === "ec2Query") return [ec2QueryName ?? capitalised(xmlName), capitalised(member.name)];
  const shape = member.target;
  const names = [xmlName, member.name];
  // Clients of the first generation name a flattened list after its element (`AttributeName.1`).
  if (shape.kind === "list" && member.traits.xmlFlattened === true && shape.member.traits.xmlName !== undefined) {
    names.push(shape.member.traits.xmlName);
  }
  return names;
}

function nodeToTree(member: Member, node: FormNode, dialect: QueryDialect): Tree {
  const shape = member.target;
  switch (shape.kind) {
    case "structure":
      return formToStructure(shape, node, dialect);
    case "list":
      return listElements(shape, node).map(([, element]) => nodeToTree(shape.member, element, dialect));
    case "map":
      return mapFrom(shape, node, dialect);
    default:
      return scalarFromText(shape, node.value ?? "");
  }
}

/**
 * Numbered parameters below the list, or below its element name. Both are taken, whatever the model says about
 * flattening: they cannot be confused, and clients differ. A list sent as `Name=` is empty.
 */
function listElements(shape: ListShape, node: FormNode): [number, FormNode][] {
  const named = node.children.get(shape.member.traits.xmlName ?? "member") ?? node.children.get("member");
  return named === undefined ? formElements(node) : formElements(named);
}

function mapFrom(shape: MapShape, node: FormNode, dialect: QueryDialect): TreeObject {
  const keyName = shape.key.traits.xmlName ?? "key";
  const valueName = shape.value.traits.xmlName ?? "value";
  const map = openTree();
  for (const [, entry] of formElements(node.children.get("entry") ?? node)) {
    const key = entry.children.get(keyName)?.value;
    const value = entry.children.get(valueName);
    if (key !== undefined) map[key] = value === undefined ? "" : nodeToTree(shape.value, value, dialect);
  }
  return map;
}

function capitalised(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
