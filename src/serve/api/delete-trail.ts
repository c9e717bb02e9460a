import type { ApiOperation } from "./api-operation.ts";
import { trailAccess } from "./trail-access.ts";
import { findTrailAtHome, trailReference } from "./trail-reference.ts";

/** Takes the trail away and leaves its bucket, objects and log group alone. */
export const deleteTrail: ApiOperation = {
  name: "DeleteTrail",
  access: async (input, call) => await trailAccess(input.text("Name"), call),
  async handle(input, call) {
    const name = input.text("Name");
    const reference = trailReference(name, call);
    await call.trails.remove(await findTrailAtHome(reference, call, name ?? reference.name));
    return {};
  },
};
