import { AwsError } from "../../aws/aws-error.ts";
import { withoutSettings } from "../../account/trails/without-settings.ts";
import type { ApiOperation } from "./api-operation.ts";
import { changeTrail } from "./change-trail.ts";
import { aggregationTemplates, checkLogsDataEvents, shownConfiguration } from "./event-configuration.ts";
import { configuredTrail } from "./configured-trail.ts";
import { findTrailToChange } from "./find-trail.ts";
import { trailAccess } from "./trail-access.ts";
import { trailReference } from "./trail-reference.ts";

/** For trails: by which templates their data events are aggregated. An empty list ends it. */
export const putEventConfiguration: ApiOperation = {
  name: "PutEventConfiguration",
  access: async (input, call) => await trailAccess(configuredTrail(input), call),
  async handle(input, call) {
    const name = configuredTrail(input);
    if (input.text("MaxEventSize") !== undefined || input.structures("ContextKeySelectors") !== undefined) {
      throw new AwsError(
        "InvalidParameterCombinationException",
        "MaxEventSize and ContextKeySelectors are settings of event data stores, not of trails.",
      );
    }
    const templates = aggregationTemplates(input);
    if (templates === undefined)
      throw new AwsError("InvalidParameterException", "AggregationConfigurations must be given for a trail.");
    const reference = trailReference(name, call);
    const trail = await findTrailToChange(reference, call, reference.arn);
    const changed = await changeTrail(trail, call, (now) => {
      if (templates.length === 0) return withoutSettings(now, "aggregationTemplates");
      checkLogsDataEvents(now);
      return { ...now, aggregationTemplates: templates };
    });
    return shownConfiguration(changed);
  },
};
