import type { ApiOperation } from "./api-operation.ts";
import { changeTrail } from "./change-trail.ts";
import { findTrailToChange } from "./find-trail.ts";
import { selectorsOf } from "./selectors-input.ts";
import { selectorsOutput } from "./selectors-output.ts";
import { trailAccess } from "./trail-access.ts";
import { trailReference } from "./trail-reference.ts";

/** Replaces all that the trail had, of either kind. */
export const putEventSelectors: ApiOperation = {
  name: "PutEventSelectors",
  access: async (input, call) => await trailAccess(input.text("TrailName"), call),
  async handle(input, call) {
    const name = input.text("TrailName");
    const reference = trailReference(name, call);
    const trail = await findTrailToChange(reference, call, name ?? reference.arn);
    const selectors = selectorsOf(input);
    await changeTrail(trail, call, (now) => ({ ...now, selectors }));
    return { TrailARN: trail.arn, ...selectorsOutput(selectors) };
  },
};
