import { AwsError } from "../../aws/aws-error.ts";
import { DecodeBudget } from "../../aws/codec/decode-budget.ts";
import { DecodeError } from "../../aws/codec/decode-failure.ts";
import { parseJson } from "../../aws/codec/parse-json.ts";
import { isTreeObject, openTree } from "../../aws/codec/tree-builder.ts";
import type { Tree, TreeObject } from "../../aws/tree.ts";

/** A request's members by type: absent ones and nulls are undefined, what has another type is a `SerializationException`. */
export class Members {
  readonly #tree: TreeObject;

  constructor(tree: TreeObject) {
    this.#tree = tree;
  }

  static ofBody(body: Uint8Array): Members {
    try {
      const tree = parseJson(body, new DecodeBudget());
      if (tree === undefined) return new Members(openTree());
      if (isTreeObject(tree)) return new Members(tree);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
    throw new AwsError("SerializationException", "The request's body is not a JSON object.");
  }

  text(name: string): string | undefined {
    return textOf(this.#member(name));
  }

  whole(name: string): number | undefined {
    const value = this.#member(name);
    if (value === undefined) return undefined;
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "number" && Number.isInteger(value)) return value;
    throw mismatch(value, "Integer");
  }

  /** Epoch seconds, with a fraction or without, in milliseconds. */
  time(name: string): number | undefined {
    const value = this.#member(name);
    if (value === undefined) return undefined;
    if (typeof value === "bigint" || typeof value === "number") return Math.round(Number(value) * 1000);
    throw mismatch(value, "Timestamp");
  }

  structure(name: string): Members | undefined {
    const value = this.#member(name);
    return value === undefined ? undefined : structureOf(value);
  }

  structures(name: string): readonly Members[] | undefined {
    return this.#list(name)?.map(structureOf);
  }

  texts(name: string): readonly string[] | undefined {
    return this.#list(name)?.map((value) => textOf(value) ?? "");
  }

  textMap(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.#member(name);
    if (value === undefined) return undefined;
    if (!isTreeObject(value)) throw mismatch(value, "Map");
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, textOf(entry) ?? ""]));
  }

  /** Those of the members that the request has. */
  namesAmong(names: readonly string[]): readonly string[] {
    return names.filter((name) => this.#member(name) !== undefined);
  }

  #member(name: string): Tree | undefined {
    const value = this.#tree[name];
    return value === null ? undefined : value;
  }

  #list(name: string): readonly Tree[] | undefined {
    const value = this.#member(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value)) return value as readonly Tree[];
    throw mismatch(value, "List");
  }
}

function textOf(value: Tree | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw mismatch(value, "String");
}

function structureOf(value: Tree): Members {
  if (isTreeObject(value)) return new Members(value);
  throw mismatch(value, "Structure");
}

function mismatch(value: Tree, wanted: string): AwsError {
  const kind = Array.isArray(value) ? "START_ARRAY" : isTreeObject(value) ? "START_OBJECT" : scalarName(value);
  return new AwsError("SerializationException", `${kind} can not be converted to ${wanted}`);
}

function scalarName(value: Tree): string {
  if (value === null) return "NULL_VALUE";
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  return typeof value === "string" ? "STRING_VALUE" : "NUMBER_VALUE";
}
