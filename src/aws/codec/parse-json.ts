import type { Tree } from "../tree.ts";
import type { DecodeBudget } from "./decode-budget.ts";
import { DecodeError } from "./decode-failure.ts";
import { type OpenTree, openTree } from "./tree-builder.ts";

/** An integer that a double may not hold: the text must then be looked at again. */
const LONG_NUMBER = /[0-9]{16}/;
const INTEGER = /^-?[0-9]{1,400}$/;
const decoder = new TextDecoder();

/**
 * Reads a JSON text into plain trees. Integers beyond the safe ones become bigints. An empty body is undefined. Throws
 * `DecodeError` on what is no JSON, and beyond the budget.
 */
export function parseJson(body: Uint8Array, budget: DecodeBudget): Tree | undefined {
  const text = decoder.decode(body);
  if (text.trim() === "") return undefined;
  let value: unknown;
  try {
    // The reviver costs several times the parsing, so it is only used where a number might need it.
    value = LONG_NUMBER.test(text) ? JSON.parse(text, keepLongIntegers) : JSON.parse(text);
  } catch (cause) {
    throw new DecodeError("the body is not JSON", { cause });
  }
  return toTree(value, budget, 0);
}

function keepLongIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return INTEGER.test(source) ? BigInt(source) : value;
}

function toTree(value: unknown, budget: DecodeBudget, depth: number): Tree {
  budget.spend(depth);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "bigint") return value;
  if (Array.isArray(value)) return value.map((element) => toTree(element, budget, depth + 1));
  const members: OpenTree = openTree();
  if (typeof value === "object") {
    for (const [name, member] of Object.entries(value)) members[name] = toTree(member, budget, depth + 1);
  }
  return members;
}
