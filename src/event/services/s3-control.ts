import type { Json, JsonObject } from "../../aws/tree.ts";
import type { ApiCall } from "../api-call.ts";
import type { ServiceRules } from "../service-rules.ts";
import { jsonObject, orNull } from "./json-object.ts";
import { s3AdditionalEventData } from "./s3-additional-event-data.ts";
import { s3Body } from "./s3-body.ts";
import { shownQuery } from "./s3-request-parameters.ts";

/**
 * The account's side of S3: recorded as S3 is, but without resources and without answers. Which members of the path are
 * shown is unconfirmed; here all of them, by their names in the model.
 */
export const s3Control: ServiceRules = {
  requestParameters: (call, general) => orNull(jsonObject(parameters(call, general))),
  responseElements: () => null,
  additionalEventData: s3AdditionalEventData,
  lookupResources: () => [],
};

function parameters(call: ApiCall, general: JsonObject | null): Map<string, Json | undefined> {
  const shown = new Map<string, Json | undefined>([["Host", call.request.host]]);
  for (const [name, member] of call.operation?.input?.members ?? []) {
    const recorded = name.slice(0, 1).toLowerCase() + name.slice(1);
    if (member.traits.httpLabel === true) shown.set(recorded, general?.[recorded]);
  }
  for (const [name, values] of shownQuery(call.request.query)) shown.set(name, values.length > 1 ? values : values[0]);
  for (const [name, value] of s3Body(call)) shown.set(name, value);
  return shown;
}
