import { lowerFirst } from "../project-tree.ts";
import type { ServiceRules } from "../service-rules.ts";
import { jsonObject, orNull } from "./json-object.ts";
import { lookupResources } from "./lookup-resources.ts";

/** Only these answer with the id of an API; the `id` of all others is that of something within one. */
const MAKES_API: ReadonlySet<string> = new Set(["CreateRestApi", "ImportRestApi"]);

/**
 * The first version of the API logs its own request objects: path and query members stay at the top, the body stands in
 * one member named after the operation (`createStageInput`), and `template` is always there.
 */
export const apiGateway: ServiceRules = {
  requestParameters: (call, general) => {
    const outside = new Set<string>();
    for (const [name, { traits }] of call.operation?.input?.members ?? []) {
      if (traits.httpLabel ?? (traits.httpQuery !== undefined || traits.httpHeader !== undefined)) outside.add(lowerFirst(name));
    }
    const members = Object.entries(general ?? {});
    const body = orNull(jsonObject(members.filter(([name]) => !outside.has(name))));
    return jsonObject([
      ...(body === null ? [] : [[`${lowerFirst(call.operationName)}Input`, body] as const]),
      ...members.filter(([name]) => outside.has(name)),
      ["template", false],
    ]);
  },
  lookupResources: (call, shown) =>
    lookupResources(call, MAKES_API.has(call.operationName) ? shown : { ...shown, responseElements: null }),
};
