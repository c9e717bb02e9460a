import type { DestinationClients } from "../destination-clients.ts";

export interface DestinationChecksOptions {
  readonly clients: DestinationClients;
  /** Refuse buckets whose policy does not let CloudTrail in, also where the backend would not ask it. */
  readonly requireBucketPolicy: boolean;
  /** `o-…` of the account's organization. */
  readonly organizationOf: (accountId: string) => string | undefined;
}
