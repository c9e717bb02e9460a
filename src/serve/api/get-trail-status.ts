import type { Trail } from "../../account/trails/trail.ts";
import type { TreeObject } from "../../aws/tree.ts";
import { isoSeconds } from "../../base/clock.ts";
import type { DeliveryOutcome, TrailStatus } from "../../readers/delivery/trail-status.ts";
import type { ApiOperation } from "./api-operation.ts";
import { findTrail } from "./find-trail.ts";
import { trailAccess } from "./trail-access.ts";
import { trailReference } from "./trail-reference.ts";

/** Of the Region that is asked. Times are absent before the first; the members that are texts at AWS are "" until then. */
export const getTrailStatus: ApiOperation = {
  name: "GetTrailStatus",
  access: async (input, call) => await trailAccess(input.text("Name"), call),
  async handle(input, call) {
    const reference = trailReference(input.text("Name"), call);
    const trail = await findTrail(reference, call, reference.arn);
    return {
      IsLogging: trail.logging,
      ...(trail.startedAt !== undefined && { StartLoggingTime: new Date(trail.startedAt) }),
      ...(trail.stoppedAt !== undefined && { StopLoggingTime: new Date(trail.stoppedAt) }),
      TimeLoggingStarted: textOf(trail.startedAt),
      TimeLoggingStopped: textOf(trail.stoppedAt),
      ...deliveries(trail, call.delivery?.status(trail.id, call.region) ?? {}),
    };
  },
};

function deliveries(trail: Trail, status: TrailStatus): TreeObject {
  const { latestDelivery = {}, latestNotification = {}, latestCloudWatchLogsDelivery, latestDigestDelivery } = status;
  return {
    ...outcome("LatestDelivery", latestDelivery),
    ...outcome("LatestNotification", latestNotification),
    // AWS shows it no longer once the trail has no log group.
    ...(trail.cloudWatchLogsLogGroupArn !== undefined && outcome("LatestCloudWatchLogsDelivery", latestCloudWatchLogsDelivery)),
    ...outcome("LatestDigestDelivery", latestDigestDelivery),
    LatestDeliveryAttemptTime: textOf(latestDelivery.attempt),
    LatestDeliveryAttemptSucceeded: textOf(latestDelivery.time),
    LatestNotificationAttemptTime: textOf(latestNotification.attempt),
    LatestNotificationAttemptSucceeded: textOf(latestNotification.time),
  };
}

function outcome(name: string, { time, error }: DeliveryOutcome = {}): TreeObject {
  return {
    ...(time !== undefined && { [`${name}Time`]: new Date(time) }),
    ...(error !== undefined && { [`${name}Error`]: error }),
  };
}

function textOf(time: number | undefined): string {
  return time === undefined ? "" : isoSeconds(time);
}
