import { AwsError } from "../../aws/aws-error.ts";
import { parseArn } from "../../aws/arn.ts";
import { partitionOf } from "../../aws/region.ts";
import type { Trail } from "../../account/trails/trail.ts";
import type { TrailKey } from "../../account/trails/trail-store.ts";
import type { ApiRequest } from "./api-operation.ts";
import { checkTrailName } from "./trail-name.ts";

/** A trail as callers name it: by name in its own Region and account, by ARN anywhere. */
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

/** Whether a trail counts in a Region: at home, and everywhere in the partition if it is a multi-Region trail. */
export function appearsIn(trail: Trail, region: string): boolean {
  if (trail.homeRegion === region) return true;
  return trail.isMultiRegionTrail && partitionOf(trail.homeRegion).id === partitionOf(region).id;
}
