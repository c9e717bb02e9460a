import type { Tree, TreeObject } from "../../aws/tree.ts";

/** No name, id, ARN or secret that AWS hands out is longer. */
const MAXIMUM_TEXT = 2048;

/** A text of 1 to `maximum` characters; undefined for all else. */
export function textAt(tree: TreeObject | undefined, name: string, maximum = MAXIMUM_TEXT): string | undefined {
  const value = memberOf(tree, name);
  return typeof value === "string" && value !== "" && value.length <= maximum ? value : undefined;
}

export function structureAt(tree: TreeObject | undefined, name: string): TreeObject | undefined {
  const value = memberOf(tree, name);
  return isStructure(value) ? value : undefined;
}

/** The structures of a list; none where there is no list. */
export function structuresAt(tree: TreeObject | undefined, name: string): readonly TreeObject[] {
  const value = memberOf(tree, name);
  return Array.isArray(value) ? (value as readonly Tree[]).filter(isStructure) : [];
}

export function isTrueAt(tree: TreeObject | undefined, name: string): boolean {
  return memberOf(tree, name) === true;
}

/** A moment in epoch milliseconds: a timestamp, or a number that counts milliseconds (as SSO's does). */
export function momentAt(tree: TreeObject | undefined, name: string): number | undefined {
  const value = memberOf(tree, name);
  const moment =
    value instanceof Date ? value.getTime() : typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN;
  return Number.isFinite(moment) ? moment : undefined;
}

function memberOf(tree: TreeObject | undefined, name: string): Tree | undefined {
  return tree !== undefined && Object.hasOwn(tree, name) ? tree[name] : undefined;
}

function isStructure(value: Tree | undefined): value is TreeObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}
