import type { Organization } from "../../account/organization/organization.ts";
import type { TreeObject } from "../../aws/tree.ts";
import type { TrailStore } from "../../account/trails/trail-store.ts";
import type { Clock } from "../../base/clock.ts";
import type { DestinationChecks } from "../../readers/delivery/destination-checks.ts";
import type { TrailStatusSource } from "../../readers/delivery/trail-status.ts";
import type { SigningKeys } from "../../readers/delivery/digest/signing-keys.ts";
import type { History } from "../../readers/history/history.ts";
import type { Access } from "../authorization/access.ts";
import type { Input } from "./input.ts";
import type { Quotas } from "./quotas.ts";
import type { RateLimit } from "./rate-limit.ts";

/** One operation of the CloudTrail API: one file each, listed in operations.ts. */
export interface ApiOperation {
  /** As in the model: `LookupEvents`. */
  readonly name: string;
  /**
   * What it does to what, for the caller's policies, as the Service Authorization Reference has it. Asked only where policies
   * are enforced, before `handle`. Throws as that does for what names nothing.
   */
  access(input: Input, call: ApiRequest): Promise<Omit<Access, "action">> | Omit<Access, "action">;
  /** The output by Smithy member names. Throws `AwsError` for what the caller did wrong. */
  handle(input: Input, call: ApiRequest): Promise<TreeObject> | TreeObject;
}

/** Who asks where, and what there is to answer from. */
export interface ApiRequest extends ApiStores {
  readonly accountId: string;
  readonly region: string;
  readonly requestId: string;
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
}

export interface ApiStores {
  readonly history: Pick<History, "lookup">;
  readonly trails: TrailStore;
  /** Position of the journal's last durable entry: after it, what is changed now takes effect. */
  readonly journalEnd: () => number;
  /** Absent: destinations are checked for their form alone. */
  readonly checks?: DestinationChecks;
  /** Absent: nothing was ever delivered. */
  readonly delivery?: TrailStatusSource;
  /** Absent: nothing was ever signed. */
  readonly signingKeys?: Pick<SigningKeys, "published">;
  /** Absent: no account is in one. */
  readonly organization?: Organization;
  readonly quotas: Quotas;
  readonly clock: Clock;
  /** For LookupEvents; undefined: none. */
  readonly lookupRate: RateLimit | undefined;
}
