import { AwsError } from "../../aws/aws-error.ts";
import type { ApiOperation } from "./api-operation.ts";
import { visibleTrails } from "./find-trail.ts";

/**
 * Every trail of the account, whichever Region is asked: AWS does not say whether it leaves out single-Region trails of
 * other Regions. The organization's trails are in the lists of its members too. All fit on one page, so no token was ever
 * given out.
 */
export const listTrails: ApiOperation = {
  name: "ListTrails",
  access: () => ({ resources: [] }),
  async handle(input, call) {
    if (input.text("NextToken") !== undefined) throw new AwsError("InvalidNextTokenException", "The token is not valid.");
    const trails = await visibleTrails(call);
    return { Trails: trails.map(({ arn, name, homeRegion }) => ({ TrailARN: arn, Name: name, HomeRegion: homeRegion })) };
  },
};
