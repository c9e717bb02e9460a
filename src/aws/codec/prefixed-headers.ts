import type { Member } from "../catalogue/model.ts";
import type { TreeObject } from "../tree.ts";
import { headerToTree } from "./header-value.ts";
import { openTree } from "./tree-builder.ts";

/** The headers that begin with `prefix`, keyed by what follows it in lower case; undefined where there are none. */
export function prefixedHeaders(member: Member, prefix: string, headers: ReadonlyMap<string, string>): TreeObject | undefined {
  const shape = member.target;
  const start = prefix.toLowerCase();
  if (shape.kind !== "map") return undefined;
  const map = openTree();
  for (const [name, text] of headers) {
    if (name.startsWith(start)) map[name.slice(start.length)] = headerToTree(shape.value, text);
  }
  return Object.keys(map).length === 0 ? undefined : map;
}
