import type { ApiOperation } from "./api-operation.ts";
import { changeTrail } from "./change-trail.ts";
import { findTrailToChange } from "./find-trail.ts";
import { trailAccess } from "./trail-access.ts";
import { trailReference } from "./trail-reference.ts";

/** A trail that is logging already stays as it is, its start too. */
export const startLogging: ApiOperation = {
  name: "StartLogging",
  access: async (input, call) => await trailAccess(input.text("Name"), call),
  async handle(input, call) {
    const reference = trailReference(input.text("Name"), call);
    const trail = await findTrailToChange(reference, call, reference.arn);
    await changeTrail(trail, call, (now) => (now.logging ? now : { ...now, logging: true, startedAt: call.clock.now() }));
    return {};
  },
};
