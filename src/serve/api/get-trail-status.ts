import type { ApiOperation } from "./api-operation.ts";
import { trailAccess } from "./trail-access.ts";
import { findTrail, trailReference } from "./trail-reference.ts";

/**
 * Trails do not deliver in this version, so none is logging and nothing was ever attempted. The members that are texts at
 * AWS are "" until something happens; the times are absent.
 */
export const getTrailStatus: ApiOperation = {
  name: "GetTrailStatus",
  access: async (input, call) => await trailAccess(input.text("Name"), call),
  async handle(input, call) {
    const reference = trailReference(input.text("Name"), call);
    await findTrail(reference, call, reference.arn);
    return {
      IsLogging: false,
      LatestDeliveryAttemptTime: "",
      LatestNotificationAttemptTime: "",
      LatestNotificationAttemptSucceeded: "",
      LatestDeliveryAttemptSucceeded: "",
      TimeLoggingStarted: "",
      TimeLoggingStopped: "",
    };
  },
};
