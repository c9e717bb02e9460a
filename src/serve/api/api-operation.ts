import type { TreeObject } from "../../aws/tree.ts";
import type { TrailStore } from "../../account/trails/trail-store.ts";
import type { Clock } from "../../base/clock.ts";
import type { History } from "../../readers/history/history.ts";
import type { Input } from "./input.ts";
import type { RateLimit } from "./rate-limit.ts";

/** One operation of the CloudTrail API: one file each, listed in operations.ts. */
export interface ApiOperation {
  /** As in the model: `LookupEvents`. */
  readonly name: string;
  /** The output by Smithy member names. Throws `AwsError` for what the caller did wrong. */
  handle(input: Input, call: ApiRequest): Promise<TreeObject> | TreeObject;
}

/** Who asks where, and what there is to answer from. */
export interface ApiRequest extends ApiStores {
  readonly accountId: string;
  readonly region: string;
}

export interface ApiStores {
  readonly history: Pick<History, "lookup">;
  readonly trails: TrailStore;
  readonly clock: Clock;
  /** For LookupEvents; undefined: none. */
  readonly lookupRate: RateLimit | undefined;
}
