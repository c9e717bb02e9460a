import type { ApiOperation } from "./api-operation.ts";
import { describedTrail } from "./trail-output.ts";
import { findTrail, trailReference } from "./trail-reference.ts";

export const getTrail: ApiOperation = {
  name: "GetTrail",
  async handle(input, call) {
    const name = input.text("Name");
    const reference = trailReference(name, call);
    return { Trail: describedTrail(await findTrail(reference, call, name ?? reference.name)) };
  },
};
