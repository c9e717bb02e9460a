import { join } from "node:path";
import { openDelegationStore } from "../account/organization/drivers/sqlite/open-delegation-store.ts";
import { Organization } from "../account/organization/organization.ts";
import type { Endpoint } from "../aws/endpoint.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { isEmbedded } from "./backends.ts";
import type { Config } from "./config.ts";
import type { Opened } from "./opened.ts";

/** The configured organization, if there is one; what the API changes of it is kept in the data directory. */
export function openOrganization(config: Config, clock: Clock, opened: Opened): Organization | undefined {
  if (config.organization === undefined) return undefined;
  const delegations = openDelegationStore(join(config.dataDir, "organization.sqlite"));
  opened.add(delegations);
  return new Organization(config.organization, delegations, clock);
}

/** AWS Organizations for the configured organization, and in the embedded account, where without one no account is in any. */
export async function organizationsEndpoint(
  config: Config,
  organization: Organization | undefined,
  logger: Logger,
): Promise<Endpoint | undefined> {
  if (organization === undefined && !isEmbedded(config)) return undefined;
  const { OrganizationsEndpoint } = await import("../backend/organizations/organizations-endpoint.ts");
  return new OrganizationsEndpoint(organization, logger);
}
