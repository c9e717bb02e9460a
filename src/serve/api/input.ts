import { AwsError } from "../../aws/aws-error.ts";
import type { Tree, TreeObject } from "../../aws/tree.ts";
import { isTreeObject } from "../../aws/codec/tree-builder.ts";

/**
 * The members of a request, read by type. What is absent or null is undefined; what has another type than the model says
 * is refused with `SerializationException`, as AWS's front ends do before the service sees it. Unknown members stay unread.
 */
export class Input {
  readonly #members: TreeObject;

  constructor(members: TreeObject) {
    this.#members = members;
  }

  text(name: string): string | undefined {
    return asText(this.#member(name));
  }

  flag(name: string): boolean | undefined {
    const value = this.#member(name);
    if (value === undefined || typeof value === "boolean") return value;
    throw mismatch(value, "Boolean");
  }

  whole(name: string): number | undefined {
    const value = this.#member(name);
    if (value === undefined) return undefined;
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "number" && Number.isInteger(value)) return value;
    throw mismatch(value, "Integer");
  }

  /** Epoch seconds, with a fraction or without. */
  time(name: string): number | undefined {
    const value = this.#member(name);
    if (value === undefined || typeof value === "number") return value;
    if (typeof value === "bigint") return Number(value);
    throw mismatch(value, "Timestamp");
  }

  texts(name: string): readonly (string | undefined)[] | undefined {
    return this.#list(name)?.map((entry) => asText(entry === null ? undefined : entry));
  }

  structures(name: string): readonly Input[] | undefined {
    return this.#list(name)?.map((entry) => {
      if (!isTreeObject(entry)) throw mismatch(entry, "Structure");
      return new Input(entry);
    });
  }

  #member(name: string): Tree | undefined {
    const value = this.#members[name];
    return value === null ? undefined : value;
  }

  #list(name: string): readonly Tree[] | undefined {
    const value = this.#member(name);
    if (value === undefined || isList(value)) return value;
    throw mismatch(value, "List");
  }
}

function asText(value: Tree | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw mismatch(value, "String");
}

function isList(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

function mismatch(value: Tree, wanted: string): AwsError {
  return new AwsError("SerializationException", `${tokenOf(value)} can not be converted to ${wanted}`);
}

/** The value's kind in the words of AWS's parser. */
function tokenOf(value: Tree): string {
  if (value === null) return "NULL_VALUE";
  if (typeof value === "boolean") return value ? "TRUE_VALUE" : "FALSE_VALUE";
  if (typeof value === "string") return "STRING_VALUE";
  if (typeof value === "number" || typeof value === "bigint") return "NUMBER_VALUE";
  return Array.isArray(value) ? "START_ARRAY" : "START_OBJECT";
}
