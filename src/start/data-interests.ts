import type { Organization } from "../account/organization/organization.ts";
import type { Trail } from "../account/trails/trail.ts";
import { partitionOf } from "../aws/region.ts";
import type { DataInterest } from "../capture/selection/data-interest.ts";
import type { Selectors } from "../event/selector/selectors.ts";

/** Which events that are not recorded unasked the trails want now: those of data and of network activity. */
export function dataInterests(
  trails: readonly Trail[],
  organization: Pick<Organization, "accounts"> | undefined,
): readonly DataInterest[] {
  const interests: DataInterest[] = [];
  for (const { logging, selectors, accountId, homeRegion, isMultiRegionTrail, isOrganizationTrail } of trails) {
    if (!logging || selectors === undefined || !asksForMore(selectors)) continue;
    interests.push({
      selectors,
      accounts: isOrganizationTrail && organization !== undefined ? organization.accounts.map(({ id }) => id) : [accountId],
      ...(isMultiRegionTrail ? {} : { region: homeRegion }),
      partition: partitionOf(homeRegion).id,
    });
  }
  return interests;
}

/** Whether selectors name anything but management events. */
function asksForMore(selectors: Selectors): boolean {
  if (selectors.kind === "basic") return selectors.selectors.some(({ dataResources }) => dataResources.length > 0);
  return selectors.selectors.some(({ fieldSelectors }) =>
    fieldSelectors.some(
      ({ field, equals = [] }) => field === "eventCategory" && equals.some((category) => category !== "Management"),
    ),
  );
}
