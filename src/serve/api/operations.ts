import { addTags } from "./add-tags.ts";
import type { ApiOperation } from "./api-operation.ts";
import { createTrail } from "./create-trail.ts";
import { deleteResourcePolicy } from "./delete-resource-policy.ts";
import { deleteTrail } from "./delete-trail.ts";
import { deregisterOrganizationDelegatedAdmin } from "./deregister-organization-delegated-admin.ts";
import { describeTrails } from "./describe-trails.ts";
import { getEventConfiguration } from "./get-event-configuration.ts";
import { getEventSelectors } from "./get-event-selectors.ts";
import { getInsightSelectors } from "./get-insight-selectors.ts";
import { getResourcePolicy } from "./get-resource-policy.ts";
import { getTrail } from "./get-trail.ts";
import { getTrailStatus } from "./get-trail-status.ts";
import { listPublicKeys } from "./list-public-keys.ts";
import { listTags } from "./list-tags.ts";
import { listTrails } from "./list-trails.ts";
import { lookupEvents } from "./lookup-events.ts";
import { putEventConfiguration } from "./put-event-configuration.ts";
import { putEventSelectors } from "./put-event-selectors.ts";
import { putResourcePolicy } from "./put-resource-policy.ts";
import { registerOrganizationDelegatedAdmin } from "./register-organization-delegated-admin.ts";
import { removeTags } from "./remove-tags.ts";
import { startLogging } from "./start-logging.ts";
import { stopLogging } from "./stop-logging.ts";
import { updateTrail } from "./update-trail.ts";

/** The operations of CloudTrail that this version has. */
export const OPERATIONS: readonly ApiOperation[] = [
  addTags,
  createTrail,
  deleteResourcePolicy,
  deleteTrail,
  deregisterOrganizationDelegatedAdmin,
  describeTrails,
  getEventConfiguration,
  getEventSelectors,
  getInsightSelectors,
  getResourcePolicy,
  getTrail,
  getTrailStatus,
  listPublicKeys,
  listTags,
  listTrails,
  lookupEvents,
  putEventConfiguration,
  putEventSelectors,
  putResourcePolicy,
  registerOrganizationDelegatedAdmin,
  removeTags,
  startLogging,
  stopLogging,
  updateTrail,
];
