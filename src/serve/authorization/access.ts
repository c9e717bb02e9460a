import type { Tag } from "../../account/trails/trail.ts";

/** What a call does to what, as policies see it. */
export interface Access {
  /** `cloudtrail:GetTrail` */
  readonly action: string;
  /**
   * What it is done to: each must be allowed. None where the Service Authorization Reference names no resource type for the
   * action.
   */
  readonly resources: readonly AccessedResource[];
  /** The tags that the request gives: `aws:RequestTag`, `aws:TagKeys`. */
  readonly requestTags?: readonly Tag[];
}

export interface AccessedResource {
  readonly arn: string;
  /** The tags that it has: `aws:ResourceTag`. */
  readonly tags: readonly Tag[];
}
