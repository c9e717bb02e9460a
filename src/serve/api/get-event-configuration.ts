import type { ApiOperation } from "./api-operation.ts";
import { shownConfiguration } from "./event-configuration.ts";
import { configuredTrail } from "./configured-trail.ts";
import { findTrail } from "./find-trail.ts";
import { trailAccess } from "./trail-access.ts";
import { trailReference } from "./trail-reference.ts";

export const getEventConfiguration: ApiOperation = {
  name: "GetEventConfiguration",
  access: async (input, call) => await trailAccess(configuredTrail(input), call),
  async handle(input, call) {
    const reference = trailReference(configuredTrail(input), call);
    return shownConfiguration(await findTrail(reference, call, reference.arn));
  },
};
