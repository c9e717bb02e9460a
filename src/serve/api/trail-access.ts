import type { Tag } from "../../account/trails/trail.ts";
import type { Access } from "../authorization/access.ts";
import type { ApiRequest } from "./api-operation.ts";
import { visibleTrails } from "./find-trail.ts";
import { trailReference } from "./trail-reference.ts";

/** Access to the trail that the caller names, with the tags that it has if there is one that the caller can see. */
export async function trailAccess(
  text: string | undefined,
  call: ApiRequest,
  requestTags: readonly Tag[] = [],
): Promise<Omit<Access, "action">> {
  const { arn } = trailReference(text, call);
  const trail = (await visibleTrails(call)).find((visible) => visible.arn === arn);
  return { resources: [{ arn, tags: trail?.tags ?? [] }], requestTags };
}
