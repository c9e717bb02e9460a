import type { Tree } from "../tree.ts";
import { DecodeBudget } from "./decode-budget.ts";
import { DecodeError } from "./decode-failure.ts";
import { type OpenTree, openTree } from "./tree-builder.ts";

const INTEGER = /^-?[0-9]{1,400}$/;
const decoder = new TextDecoder();

/**
 * Reads a JSON text into plain trees. Integers beyond the safe ones become bigints. An empty body is undefined. Throws
 * `DecodeError` on what is no JSON, and beyond the budget.
 */
export function parseJson(body: Uint8Array, budget: DecodeBudget): Tree | undefined {
  const text = decoder.decode(body);
  if (text.trim() === "") return undefined;
  const copy = new TreeCopy(budget);
  const tree = copy.of(parsed(text), 0);
  if (!copy.doubtful) return tree;
  // The reviver costs several times the parsing, so it is only used where a number needs it.
  return new TreeCopy(new DecodeBudget(Infinity)).of(parsed(text, keepLongIntegers), 0);
}

function parsed(text: string, reviver?: typeof keepLongIntegers): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (cause) {
    throw new DecodeError("the body is not JSON", { cause });
  }
}

function keepLongIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return INTEGER.test(source) ? BigInt(source) : value;
}

/** Makes a tree of what JSON says, within a budget. */
class TreeCopy {
  readonly #budget: DecodeBudget;
  /** A number was so large that a double may not hold it: the text must be looked at again. */
  doubtful = false;

  constructor(budget: DecodeBudget) {
    this.#budget = budget;
  }

  of(value: unknown, depth: number): Tree {
    this.#budget.spend(depth);
    if (typeof value === "number") return this.#number(value);
    if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "bigint") return value;
    if (Array.isArray(value)) return value.map((element) => this.of(element, depth + 1));
    const members: OpenTree = openTree();
    if (isRecord(value)) for (const name of Object.keys(value)) members[name] = this.of(value[name], depth + 1);
    return members;
  }

  #number(value: number): Tree {
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) this.doubtful = true;
    return Number.isFinite(value) ? value : String(value);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object";
}
