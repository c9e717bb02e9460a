import type { Trail } from "../../account/trails/trail.ts";
import { partitionOf } from "../../aws/region.ts";
import type { EventIndex } from "../../event/built-event.ts";
import { compileSelectors } from "../../event/selector/compile-selectors.ts";
import { viewOfEntry } from "../../event/selector/view-of-entry.ts";
import { deliveryCall, isForTrail } from "./delivery-call.ts";

/** What becomes of an event. `foreign`: of an account that is not the trail's; `own`: selected, and caused by delivery itself. */
export type EventFate = "foreign" | "filtered" | "selected" | "own";

/** Whether the accounts of a trail include this one: its own, for an organization's trail those of the organization. */
export type CoversAccount = (trail: Trail, accountId: string) => boolean;

/** By the organization that there is, if any. */
export function coversAccount(organization: { account(accountId: string): unknown } | undefined): CoversAccount {
  return (trail, accountId) =>
    trail.accountId === accountId || (trail.isOrganizationTrail && organization?.account(accountId) !== undefined);
}

/** Services without Regions. Source: CloudTrail User Guide, "Global service events". */
const GLOBAL_SOURCES: ReadonlySet<string> = new Set([
  "iam.amazonaws.com",
  "cloudfront.amazonaws.com",
  "route53.amazonaws.com",
  "organizations.amazonaws.com",
  "account.amazonaws.com",
  "health.amazonaws.com",
  "support.amazonaws.com",
  "ce.amazonaws.com",
  "signin.amazonaws.com",
  "sts.amazonaws.com",
]);

/** What one form of a trail takes while it logs. */
export type TrailScope = (index: EventIndex, record: Uint8Array) => EventFate;

export function trailScope(trail: Trail, covers: CoversAccount): TrailScope {
  const selects = compileSelectors(trail.selectors);
  const partition = partitionOf(trail.homeRegion);
  const isInRegion = trail.isMultiRegionTrail
    ? (region: string) => partitionOf(region).id === partition.id
    : (region: string) => region === trail.homeRegion;
  return (index, record) => {
    if (!covers(trail, index.account)) return "foreign";
    if (!isInRegion(index.region)) return "filtered";
    if (!trail.includeGlobalServiceEvents && isGlobal(index, record, partition.homeRegion)) return "filtered";
    if (!selects(viewOfEntry(index, record))) return "filtered";
    const call = deliveryCall(index, record);
    if (call === undefined) return "selected";
    return trail.recursiveLogging || !isForTrail(call, trail) ? "own" : "filtered";
  };
}

/** Global services are recorded in the partition's first Region, where STS and sign-in have a regional endpoint as well. */
function isGlobal({ source, region }: EventIndex, record: Uint8Array, homeRegion: string): boolean {
  if (region !== homeRegion || !GLOBAL_SOURCES.has(source)) return false;
  if (source !== "sts.amazonaws.com" && source !== "signin.amazonaws.com") return true;
  const text = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  return !text.includes(`"clientProvidedHostHeader":"${source.split(".")[0]}.${region}.`);
}
