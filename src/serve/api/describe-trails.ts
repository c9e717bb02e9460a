import type { Trail } from "../../account/trails/trail.ts";
import type { ApiOperation, ApiRequest } from "./api-operation.ts";
import { visibleTrails } from "./find-trail.ts";
import type { Input } from "./input.ts";
import { describedTrail } from "./trail-output.ts";
import { appearsIn, trailReference } from "./trail-reference.ts";

/**
 * The one operation whose members begin in lower case. Unknown trails are left out without an error. Shadow trails are those of
 * other Regions and, in members, those of the organization.
 */
export const describeTrails: ApiOperation = {
  name: "DescribeTrails",
  access: () => ({ resources: [] }),
  async handle(input, call) {
    const shadows = input.flag("includeShadowTrails") ?? true;
    const isShadow = (trail: Trail): boolean => trail.homeRegion !== call.region || trail.accountId !== call.accountId;
    const trails = (await wanted(input, call)).filter((trail) => shadows || !isShadow(trail));
    return { trailList: trails.map(describedTrail) };
  },
};

async function wanted(input: Input, call: ApiRequest): Promise<readonly Trail[]> {
  const names = input.texts("trailNameList") ?? [];
  const visible = await visibleTrails(call);
  if (names.length === 0) return visible.filter((trail) => appearsIn(trail, call.region));
  const arns = new Set(names.map((name) => trailReference(name, call).arn));
  return visible.filter((trail) => arns.has(trail.arn));
}
