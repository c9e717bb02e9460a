import type { Json, JsonObject } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import { lowerFirst } from "../project-tree.ts";
import { jsonObject } from "./json-object.ts";

/**
 * Adds what a service fills in before it logs the request that it has decoded (`publish: false`), each member at its
 * place in the model. Members that the caller sent keep their values. Only what records have shown belongs in `defaults`.
 */
export function withModelDefaults(call: ApiCall, shown: JsonObject | null, defaults: Readonly<Record<string, Json>>): JsonObject {
  const values = new Map<string, Json>([...Object.entries(defaults), ...Object.entries(shown ?? {})]);
  const modelled = [...(call.operation?.input?.members.keys() ?? [])].map(lowerFirst);
  const order = new Set([...modelled.filter((name) => values.has(name)), ...values.keys()]);
  return jsonObject([...order].map((name) => [name, values.get(name)]));
}
