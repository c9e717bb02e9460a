import { AwsError } from "../../aws/aws-error.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { Quotas } from "./quotas.ts";
import { appearsIn } from "./trail-reference.ts";

/** Throws `InvalidParameterCombinationException`. */
export function checkCombination(trail: Trail): void {
  if (trail.isMultiRegionTrail && !trail.includeGlobalServiceEvents)
    throw new AwsError("InvalidParameterCombinationException", "Multi-Region trail must include global service events.");
}

/**
 * Name and quota, in every Region in which `trail` will appear beside the account's `others`. Throws
 * `TrailAlreadyExistsException`, `MaximumNumberOfTrailsExceededException`.
 */
export function permitTrail(trail: Trail, others: readonly Trail[], { trailsPerRegion }: Quotas): void {
  const regions = new Set([trail.homeRegion, ...others.map((other) => other.homeRegion)]);
  for (const region of regions) {
    if (!appearsIn(trail, region)) continue;
    const there = others.filter((other) => appearsIn(other, region));
    if (there.some((other) => other.name === trail.name)) throw alreadyExists(trail);
    if (there.length >= trailsPerRegion) {
      throw new AwsError(
        "MaximumNumberOfTrailsExceededException",
        `User: ${trail.accountId} already has ${there.length} trails in ${region}.`,
      );
    }
  }
}

export function alreadyExists({ name, accountId }: Trail): AwsError {
  return new AwsError("TrailAlreadyExistsException", `Trail ${name} already exists for customer: ${accountId}`);
}
