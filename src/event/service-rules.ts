import type { JsonObject } from "../aws/tree.ts";
import type { ApiCall } from "./api-call.ts";
import type { LookupResource } from "./built-event.ts";

/**
 * Where one service departs from the general pipeline (model → lower-first member names → redaction). One file a service
 * below `services/`, listed in `services/all.ts` by catalogue id. Every hook is optional and pure; a hook sees what the general pipeline
 * made and returns what shall stand in its place.
 */
export interface ServiceRules {
  /** `null` when there is nothing to show. Not called where AWS writes null anyway (a coral service's AccessDenied). */
  requestParameters?(call: ApiCall, general: JsonObject | null): JsonObject | null;
  /** Called for successful calls that AWS shows answers of. */
  responseElements?(call: ApiCall, general: JsonObject | null): JsonObject | null;
  additionalEventData?(call: ApiCall): JsonObject | undefined;
  /** The record's `resources`; undefined where the service reports none. */
  resources?(call: ApiCall, shown: ShownParameters): readonly RecordResource[] | undefined;
  /** `Resources` of LookupEvents. */
  lookupResources?(call: ApiCall, shown: ShownParameters): readonly LookupResource[];
  /** Further events that the same call causes (DeleteObjects: one DeleteObject a key). Built like calls of their own. */
  furtherCalls?(call: ApiCall): readonly ApiCall[];
  /** `errorCode` as AWS records it, from the general rule's answer. */
  errorCode?(call: ApiCall, general: string): string;
}

export interface ShownParameters {
  readonly requestParameters: JsonObject | null;
  readonly responseElements: JsonObject | null;
}

/** One entry of the record's `resources`, in AWS's member order. */
export interface RecordResource {
  readonly accountId?: string;
  readonly type?: string;
  readonly ARN?: string;
  readonly ARNPrefix?: string;
}
