import type { Tag } from "../../account/trails/trail.ts";
import type { Access } from "../authorization/access.ts";
import type { ApiRequest } from "./api-operation.ts";
import { trailReference } from "./trail-reference.ts";

/** Access to the trail that the caller names, with the tags that it has if it is the caller's own and there is one. */
export async function trailAccess(
  text: string | undefined,
  call: ApiRequest,
  requestTags: readonly Tag[] = [],
): Promise<Omit<Access, "action">> {
  const reference = trailReference(text, call);
  const trail = reference.accountId === call.accountId ? await call.trails.get(reference) : undefined;
  return { resources: [{ arn: reference.arn, tags: trail?.tags ?? [] }], requestTags };
}
