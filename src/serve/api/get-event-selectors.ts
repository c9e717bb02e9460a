import { DEFAULT_SELECTORS, type Selectors } from "../../event/selector/selectors.ts";
import { sortedFields } from "../../event/selector/sorted-fields.ts";
import type { ApiOperation } from "./api-operation.ts";
import { findTrail } from "./find-trail.ts";
import { selectorsOutput } from "./selectors-output.ts";
import { trailAccess } from "./trail-access.ts";
import { trailReference } from "./trail-reference.ts";

export const getEventSelectors: ApiOperation = {
  name: "GetEventSelectors",
  access: async (input, call) => await trailAccess(input.text("TrailName"), call),
  async handle(input, call) {
    const reference = trailReference(input.text("TrailName"), call);
    const trail = await findTrail(reference, call, reference.arn);
    return { TrailARN: trail.arn, ...selectorsOutput(inAwsOrder(trail.selectors ?? DEFAULT_SELECTORS)) };
  },
};

function inAwsOrder(selectors: Selectors): Selectors {
  return selectors.kind === "basic" ? selectors : { ...selectors, selectors: selectors.selectors.map(sortedFields) };
}
