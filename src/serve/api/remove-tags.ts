import type { ApiOperation } from "./api-operation.ts";
import { changeTrail } from "./change-trail.ts";
import { resourceAccess, trailToTag } from "./tagged-resource.ts";
import { tagsOf } from "./trail-tags.ts";

/** By their keys: the values that the request gives are of no account. Keys that the trail does not have are passed over. */
export const removeTags: ApiOperation = {
  name: "RemoveTags",
  access: async (input, call) =>
    await resourceAccess([input.text("ResourceId")], call, tagsOf(input.structures("TagsList") ?? [], call.quotas)),
  async handle(input, call) {
    const keys = new Set(tagsOf(input.structures("TagsList") ?? [], call.quotas).map(({ key }) => key));
    const trail = await trailToTag(input.text("ResourceId"), call);
    await changeTrail(trail, call, (now) => ({ ...now, tags: now.tags.filter(({ key }) => !keys.has(key)) }));
    return {};
  },
};
