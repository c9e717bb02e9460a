import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Timers } from "../../base/timers.ts";
import type { Journal } from "../../journal/journal.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import type { DeliveryState } from "./delivery-state.ts";
import type { DestinationClients } from "./destination-clients.ts";
import type { Permits } from "./permits.ts";
import type { CoversAccount } from "./trail-scope.ts";

/** What the S3 lanes of all trails share. */
export interface DeliveryContext {
  readonly state: DeliveryState;
  readonly journal: Pick<Journal, "read" | "status">;
  readonly clients: Pick<DestinationClients, "s3">;
  readonly settings: DeliverySettings;
  readonly covers: CoversAccount;
  readonly organizationId: string | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** For compressing. */
  readonly permits: Permits;
  /** Octets of log content in memory that wait to be compressed, of all trails. */
  readonly memory: { octets: number };
}
