import type { Trail } from "../../account/trails/trail.ts";
import type { ApiOperation, ApiRequest } from "./api-operation.ts";
import type { Input } from "./input.ts";
import { describedTrail } from "./trail-output.ts";
import { appearsIn, trailReference } from "./trail-reference.ts";

/** The one operation whose members begin in lower case. Unknown trails are left out without an error. */
export const describeTrails: ApiOperation = {
  name: "DescribeTrails",
  access: () => ({ resources: [] }),
  async handle(input, call) {
    const shadows = input.flag("includeShadowTrails") ?? true;
    const trails = (await wanted(input, call)).filter((trail) => shadows || trail.homeRegion === call.region);
    return { trailList: trails.map(describedTrail) };
  },
};

async function wanted(input: Input, call: ApiRequest): Promise<readonly Trail[]> {
  const names = input.texts("trailNameList") ?? [];
  const own = await call.trails.list(call.accountId);
  if (names.length === 0) return own.filter((trail) => appearsIn(trail, call.region));
  const arns = new Set(names.map((name) => trailReference(name, call).arn));
  return own.filter((trail) => arns.has(trail.arn));
}
