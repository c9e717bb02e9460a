import { AwsError } from "../../aws/aws-error.ts";
import type { ApiOperation } from "./api-operation.ts";
import { configuredTrail } from "./configured-trail.ts";
import { findTrail } from "./find-trail.ts";
import { trailAccess } from "./trail-access.ts";
import { trailReference } from "./trail-reference.ts";

/**
 * Insights cannot be enabled yet, so every trail gets the error that AWS has for one without them ("GetInsightSelectors" in the
 * API Reference): clients read it as none, where another error would end them.
 */
export const getInsightSelectors: ApiOperation = {
  name: "GetInsightSelectors",
  access: async (input, call) => await trailAccess(configuredTrail(input), call),
  async handle(input, call) {
    const reference = trailReference(configuredTrail(input), call);
    const { name } = await findTrail(reference, call, reference.arn);
    throw new AwsError(
      "InsightNotEnabledException",
      `Trail ${name} does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again.`,
    );
  },
};
