import type { RuleState } from "./rule.ts";

/** What the state of a rule says of an event that its pattern matches. `event` is the whole of it, parsed. */
export function goesToRule(state: RuleState, event: object): boolean {
  if (state === "DISABLED") return false;
  return state === "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" || !isReadOnlyManagementEvent(event);
}

/** "Receiving read-only management events from AWS services": ordinary rules never see them. */
function isReadOnlyManagementEvent(event: object): boolean {
  const { source, "detail-type": detailType, detail } = event as Readonly<Record<string, unknown>>;
  if (typeof source !== "string" || !source.startsWith("aws.")) return false;
  if (typeof detailType !== "string" || !detailType.endsWith(" via CloudTrail")) return false;
  const { managementEvent, readOnly } = (typeof detail === "object" && detail !== null ? detail : {}) as Readonly<
    Record<string, unknown>
  >;
  return managementEvent === true && readOnly === true;
}
