import type { DestinationClients } from "../destination-clients.ts";
import type { PutSettings } from "../put-log-file.ts";

export interface DestinationChecksOptions {
  readonly clients: DestinationClients;
  /** As log files are written, so that what is checked is what will be asked of the bucket. */
  readonly put: PutSettings;
  /** Refuse buckets whose policy does not let CloudTrail in, also where the backend would not ask it. */
  readonly requireBucketPolicy: boolean;
  /** `o-…` of the account's organization. */
  readonly organizationOf: (accountId: string) => string | undefined;
}
