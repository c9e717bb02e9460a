import type { ApiOperation } from "./api-operation.ts";
import { findTrail } from "./find-trail.ts";
import { trailAccess } from "./trail-access.ts";
import { describedTrail } from "./trail-output.ts";
import { trailReference } from "./trail-reference.ts";

export const getTrail: ApiOperation = {
  name: "GetTrail",
  access: async (input, call) => await trailAccess(input.text("Name"), call),
  async handle(input, call) {
    const name = input.text("Name");
    const reference = trailReference(name, call);
    return { Trail: describedTrail(await findTrail(reference, call, name ?? reference.name)) };
  },
};
