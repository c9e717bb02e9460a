import type { ApiOperation } from "./api-operation.ts";
import { changePlace } from "./change-trail.ts";
import { findTrailToChange, trailNotFound } from "./find-trail.ts";
import { trailAccess } from "./trail-access.ts";
import { trailReference } from "./trail-reference.ts";

/** Takes the trail away and leaves its bucket, objects and log group alone. */
export const deleteTrail: ApiOperation = {
  name: "DeleteTrail",
  access: async (input, call) => await trailAccess(input.text("Name"), call),
  async handle(input, call) {
    const name = input.text("Name");
    const reference = trailReference(name, call);
    const trail = await findTrailToChange(reference, call, name ?? reference.name);
    if (!(await call.trails.remove(trail, changePlace(call)))) throw trailNotFound(name ?? reference.name, call);
    return {};
  },
};
