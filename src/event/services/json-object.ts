import { bareObject } from "../../aws/bare-object.ts";
import type { Json, JsonObject } from "../../aws/tree.ts";

/** An object of those members that have a value, in the order given. Without a prototype: names may come from the wire. */
export function jsonObject(members: Iterable<readonly [name: string, value: Json | undefined]>): JsonObject {
  const object = bareObject<Json>();
  for (const [name, value] of members) if (value !== undefined) object[name] = value;
  return object;
}

/** `null` for an object without members: AWS shows nothing then. */
export function orNull(object: JsonObject): JsonObject | null {
  return Object.keys(object).length > 0 ? object : null;
}

/** The object with some members replaced or added, and those dropped that are given as undefined. */
export function withMembers(object: JsonObject | null, members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const result = new Map<string, Json | undefined>(Object.entries(object ?? {}));
  for (const [name, value] of Object.entries(members)) result.set(name, value);
  return jsonObject(result);
}
