import type { Trail } from "./trail.ts";

/** The trails of all accounts, kept across restarts. Written by the CloudTrail API alone. */
export interface TrailStore {
  /** An account's trails, by home Region and name. */
  list(accountId: string): Promise<readonly Trail[]>;

  get(key: TrailKey): Promise<Trail | undefined>;

  /**
   * Adds a trail: durable when it resolves. `permit` sees the account's trails first, in the same transaction; what it
   * throws leaves everything as it was. Throws `TrailExists` where the key is taken.
   */
  add(trail: Trail, permit: (existing: readonly Trail[]) => void): Promise<void>;

  /** Whether there was such a trail. */
  remove(key: TrailKey): Promise<boolean>;

  close(): Promise<void>;
}

/** What makes a trail one and the same: its ARN holds the same three. */
export type TrailKey = Pick<Trail, "accountId" | "homeRegion" | "name">;

export class TrailExists extends Error {
  override name = "TrailExists";
}
