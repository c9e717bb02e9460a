import type { ApiOperation } from "./api-operation.ts";
import { createTrail } from "./create-trail.ts";
import { deleteTrail } from "./delete-trail.ts";
import { describeTrails } from "./describe-trails.ts";
import { getTrail } from "./get-trail.ts";
import { getTrailStatus } from "./get-trail-status.ts";
import { listTrails } from "./list-trails.ts";
import { lookupEvents } from "./lookup-events.ts";

/** The operations of CloudTrail that this version has. */
export const OPERATIONS: readonly ApiOperation[] = [
  createTrail,
  deleteTrail,
  describeTrails,
  getTrail,
  getTrailStatus,
  listTrails,
  lookupEvents,
];
