import { isTreeObject } from "../../aws/codec/tree-builder.ts";
import type { Tree } from "../../aws/tree.ts";

/** The value below a chain of members; undefined as soon as one is missing. */
export function valueAt(tree: Tree | undefined, ...names: readonly string[]): Tree | undefined {
  let value = tree;
  for (const name of names) {
    if (!isTreeObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** A text below a chain of members; undefined for "" and for whatever is no text. */
export function textAt(tree: Tree | undefined, ...names: readonly string[]): string | undefined {
  const value = valueAt(tree, ...names);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A list below a chain of members; empty where there is none. */
export function listAt(tree: Tree | undefined, ...names: readonly string[]): readonly Tree[] {
  const value = valueAt(tree, ...names);
  return Array.isArray(value) ? value : [];
}

/** The names of the members of an object, or of the keys of a map; empty where there is none. */
export function namesAt(tree: Tree | undefined, ...names: readonly string[]): readonly string[] {
  const value = valueAt(tree, ...names);
  return isTreeObject(value) ? Object.keys(value) : [];
}
