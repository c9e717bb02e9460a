import { AwsError } from "../../aws/aws-error.ts";
import { parseArn } from "../../aws/arn.ts";
import { partitionOf } from "../../aws/region.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { TrailKey } from "../../account/trails/trail-store.ts";
import type { ApiRequest } from "./api-operation.ts";
import { checkTrailName } from "./trail-name.ts";

/** A trail as callers name it: by name in its own Region, by ARN anywhere. */
export interface TrailReference extends TrailKey {
  readonly arn: string;
  readonly byArn: boolean;
}

/** Throws `InvalidTrailNameException`, `CloudTrailARNInvalidException`. */
export function trailReference(text: string | undefined, call: ApiRequest): TrailReference {
  if (text?.startsWith("arn:") !== true) {
    const name = checkTrailName(text);
    const key = { accountId: call.accountId, homeRegion: call.region, name };
    return { ...key, arn: trailArn(key), byArn: false };
  }
  const arn = parseArn(text);
  const name = arn?.resource.startsWith("trail/") === true ? arn.resource.slice("trail/".length) : undefined;
  const complete = arn !== undefined && arn.service === "cloudtrail" && arn.region !== "" && arn.accountId !== "";
  if (!complete || name === undefined || arn.partition !== partitionOf(arn.region).id) {
    throw new AwsError("CloudTrailARNInvalidException", `Invalid trail ARN: ${text}`);
  }
  return { accountId: arn.accountId, homeRegion: arn.region, name: checkTrailName(name), arn: text, byArn: true };
}

export function trailArn({ accountId, homeRegion, name }: TrailKey): string {
  return `arn:${partitionOf(homeRegion).id}:cloudtrail:${homeRegion}:${accountId}:trail/${name}`;
}

/** For reading: shadow trails are found by ARN. Throws `TrailNotFoundException`. */
export async function findTrail(reference: TrailReference, call: ApiRequest, shownAs: string): Promise<Trail> {
  // Another account's trail is as unknown as none: nothing tells the caller that it is there.
  const trail = reference.accountId === call.accountId ? await call.trails.get(reference) : undefined;
  if (trail === undefined) throw trailNotFound(shownAs, call);
  return trail;
}

/** For changing: in the home Region only. Throws `TrailNotFoundException`, `InvalidHomeRegionException`. */
export async function findTrailAtHome(reference: TrailReference, call: ApiRequest, shownAs: string): Promise<Trail> {
  const own = reference.accountId === call.accountId ? await call.trails.list(call.accountId) : [];
  const trail =
    own.find(({ name, homeRegion }) => name === reference.name && homeRegion === reference.homeRegion) ??
    own.find((shadow) => !reference.byArn && shadow.name === reference.name && appearsIn(shadow, call.region));
  if (trail === undefined) throw trailNotFound(shownAs, call);
  if (trail.homeRegion !== call.region) {
    throw new AwsError(
      "InvalidHomeRegionException",
      `Trail ${trail.arn} can only be changed in its home Region, ${trail.homeRegion}.`,
    );
  }
  return trail;
}

/** Whether a trail counts in a Region: at home, and everywhere in the partition if it is a multi-Region trail. */
export function appearsIn(trail: Trail, region: string): boolean {
  if (trail.homeRegion === region) return true;
  return trail.isMultiRegionTrail && partitionOf(trail.homeRegion).id === partitionOf(region).id;
}

function trailNotFound(shownAs: string, { accountId }: ApiRequest): AwsError {
  return new AwsError("TrailNotFoundException", `Unknown trail: ${shownAs} for the user: ${accountId}`);
}
