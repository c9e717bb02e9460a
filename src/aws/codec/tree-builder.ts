import { bareObject } from "../bare-object.ts";
import type { Tree, TreeObject } from "../tree.ts";

/** An object that is still being filled. Without a prototype, so that a name such as `__proto__` is a name like any other. */
export type OpenTree = Record<string, Tree>;

export function openTree(): OpenTree {
  return bareObject();
}

/** Whether a tree is an object with members. */
export function isTreeObject(tree: Tree | undefined): tree is TreeObject {
  return (
    typeof tree === "object" && tree !== null && !Array.isArray(tree) && !(tree instanceof Uint8Array) && !(tree instanceof Date)
  );
}
