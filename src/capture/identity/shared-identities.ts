import type { ApiCall } from "../../event/api-call.ts";
import type { Identities } from "./identities.ts";
import type { LearnedEntry } from "./learned-identities.ts";

/** Takes changes over, in the order of its calls; resolves when it knows them. */
export type IdentityFollower = (entries: readonly LearnedEntry[]) => Promise<void>;

export interface FollowedIdentities {
  /** Everything learned so far. */
  readonly known: readonly LearnedEntry[];
  stop(): void;
}

/** Identities that several processes know, and one learns. */
export interface SharedIdentities extends Identities {
  /** As `learn`; resolves when what was learned is stored, or cannot be, and every follower knows it. Never rejects. */
  teach(call: ApiCall): Promise<void>;
  /** Tells what is known now, and from then on every change. */
  follow(follower: IdentityFollower): FollowedIdentities;
}
