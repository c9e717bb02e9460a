import type { EventView } from "./event-view.ts";

const CATEGORIES = ["Management", "Data", "NetworkActivity", "Insight"] as const;

/** Entries of `resources` that are looked at; a call of AWS's own touches 100 at most. */
const MAX_RESOURCES = 1000;

/**
 * A parsed record as selectors see it. Never throws: members that are missing or of another kind count as absent. A record
 * without a category that selectors know is one of management.
 */
export function viewOfRecord(record: unknown): EventView {
  const userIdentity = member(record, "userIdentity");
  return {
    category: CATEGORIES.find((category) => category === member(record, "eventCategory")) ?? "Management",
    readOnly: isTrue(member(record, "readOnly")),
    source: text(member(record, "eventSource")) ?? "",
    name: text(member(record, "eventName")) ?? "",
    type: text(member(record, "eventType")) ?? "",
    resources: resourcesOf(member(record, "resources")),
    userArn: text(member(userIdentity, "arn")),
    fromConsole: isTrue(member(record, "sessionCredentialFromConsole")),
    errorCode: text(member(record, "errorCode")),
    vpcEndpointId: text(member(record, "vpcEndpointId")),
  };
}

/** Entries that are missing or of another kind count as absent. */
export function resourcesOf(resources: unknown): EventView["resources"] {
  if (!Array.isArray(resources)) return [];
  return resources.slice(0, MAX_RESOURCES).map((resource: unknown) => ({
    type: text(member(resource, "type")),
    arn: text(member(resource, "ARN")) ?? text(member(resource, "ARNPrefix")),
  }));
}

/** Records of old write booleans as texts. */
function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
