import type { ServiceRules } from "../service-rules.ts";
import { jsonObject } from "./json-object.ts";

/** Two operations write `arn` where their model's `ARN` would make `aRN`, which the others do write. */
const PLAIN_ARN: ReadonlySet<string> = new Set(["CreateSecret", "PutSecretValue"]);

export const secretsManager: ServiceRules = {
  responseElements: (call, general) => {
    if (general === null || !PLAIN_ARN.has(call.operationName)) return general;
    return jsonObject(Object.entries(general).map(([name, value]) => [name === "aRN" ? "arn" : name, value]));
  },
};
