import { AwsError } from "../../aws/aws-error.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { ApiRequest } from "./api-operation.ts";
import { notManagementAccount } from "./organization-access.ts";
import { appearsIn, type TrailReference } from "./trail-reference.ts";

/** The account's own trails, and the organization trails that its management account owns: replicas of those are in every member. */
export async function visibleTrails(call: ApiRequest): Promise<readonly Trail[]> {
  return [...(await call.trails.list(call.accountId)), ...(await inheritedTrails(call, call.accountId))];
}

/** The organization trails that an account has without owning them. */
export async function inheritedTrails({ organization, trails }: ApiRequest, accountId: string): Promise<readonly Trail[]> {
  const role = organization?.roleOf(accountId);
  if (organization === undefined || role === undefined || role === "management") return [];
  return (await trails.list(organization.managementAccount)).filter((trail) => trail.isOrganizationTrail);
}

/**
 * For reading: shadow trails are found by ARN, organization trails in members as well. What is not the caller's to see is as
 * unknown as what is not there. Throws `TrailNotFoundException`.
 */
export async function findTrail(reference: TrailReference, call: ApiRequest, shownAs: string): Promise<Trail> {
  const own = reference.accountId === call.accountId;
  const trail = own ? await call.trails.get(reference) : (await inheritedTrails(call, call.accountId)).find(isThe(reference));
  if (trail === undefined) throw trailNotFound(shownAs, call);
  return trail;
}

/**
 * For changing: in the home Region, by the account that has the trail or a delegated administrator of its organization. Throws
 * `TrailNotFoundException`, `NotOrganizationMasterAccountException`, `InvalidHomeRegionException`.
 */
export async function findTrailToChange(reference: TrailReference, call: ApiRequest, shownAs: string): Promise<Trail> {
  const visible = await visibleTrails(call);
  const trail =
    visible.find(isThe(reference)) ??
    visible.find((shadow) => !reference.byArn && shadow.accountId === call.accountId && shadowIs(shadow, reference, call));
  if (trail === undefined) throw trailNotFound(shownAs, call);
  if (trail.accountId !== call.accountId && call.organization?.roleOf(call.accountId) !== "delegated")
    throw notManagementAccount();
  if (trail.homeRegion !== call.region) {
    throw new AwsError(
      "InvalidHomeRegionException",
      `Trail ${trail.arn} can only be changed in its home Region, ${trail.homeRegion}.`,
    );
  }
  return trail;
}

export function trailNotFound(shownAs: string, { accountId }: ApiRequest): AwsError {
  return new AwsError("TrailNotFoundException", `Unknown trail: ${shownAs} for the user: ${accountId}`);
}

function isThe(reference: TrailReference): (trail: Trail) => boolean {
  return ({ accountId, homeRegion, name }) =>
    accountId === reference.accountId && homeRegion === reference.homeRegion && name === reference.name;
}

function shadowIs(shadow: Trail, { name }: TrailReference, { region }: ApiRequest): boolean {
  return shadow.name === name && appearsIn(shadow, region);
}
