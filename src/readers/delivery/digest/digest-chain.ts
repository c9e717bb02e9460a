import type { Trail } from "../../../account/trails/trail.ts";
import type { DigestLink } from "./digest-document.ts";
import type { DigestPlace } from "./digest-key.ts";

/**
 * `open`: a digest at the end of each window. `ending`: validation was turned off, the window that runs is the last.
 * `closing`: logging has stopped, the last digest follows when all files are delivered. `finishing`: the last digest is due
 * at once, since logging has started anew. `closed`: there will be no more, unless a file comes late. `ended`: closed, and files
 * that come are none of its business, since they are delivered without validation.
 */
export type ChainState = "open" | "ending" | "closing" | "finishing" | "closed" | "ended";

/** Digests of one trail, account and Region, from a start of logging to its stop, each linked to the one before. */
export interface DigestChain {
  readonly id: number;
  readonly trailId: string;
  readonly trailArn: string;
  readonly account: string;
  readonly region: string;
  readonly state: ChainState;
  /** `startedAt` of the trail, epoch milliseconds: another one is another chain. */
  readonly startedAt: number;
  /** Where the next digest goes. */
  readonly target: DigestTarget;
  /** Epoch seconds: windows end whole windows after it. */
  readonly anchor: number;
  /** Start of the starting digest, epoch seconds. */
  readonly begins: number;
  /** End of the newest digest, backfill ones too; of the starting one while `begun` is false. */
  readonly lastEnd: number;
  /** Whether the starting digest is written. */
  readonly begun: boolean;
  readonly previous: DigestLink | undefined;
  readonly previousBackfill: DigestLink | undefined;
}

/** What digests take over from the trail. */
export interface DigestTarget {
  readonly ownerAccount: string;
  readonly trailArn: string;
  readonly trailName: string;
  readonly homeRegion: string;
  readonly bucket: string;
  readonly prefix?: string;
  readonly kmsKeyId?: string;
  readonly organizationId?: string;
}

export function targetOf(trail: Trail, organizationId: string | undefined): DigestTarget {
  return {
    ownerAccount: trail.accountId,
    trailArn: trail.arn,
    trailName: trail.name,
    homeRegion: trail.homeRegion,
    bucket: trail.s3BucketName,
    ...(trail.s3KeyPrefix === undefined ? {} : { prefix: trail.s3KeyPrefix }),
    ...(trail.kmsKeyId === undefined ? {} : { kmsKeyId: trail.kmsKeyId }),
    ...(organizationId === undefined ? {} : { organizationId }),
  };
}

export function placeOf({ target, account, region }: DigestChain): DigestPlace {
  const { prefix, organizationId, trailName, homeRegion } = target;
  return { prefix, organizationId, account, region, trailName, homeRegion };
}
