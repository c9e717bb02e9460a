import type { ApiOperation } from "./api-operation.ts";
import { changeTrail } from "./change-trail.ts";
import { resourceAccess, trailToTag } from "./tagged-resource.ts";
import { checkTagCount, tagsOf } from "./trail-tags.ts";

/** A key that the trail has already gets the new value. */
export const addTags: ApiOperation = {
  name: "AddTags",
  access: async (input, call) =>
    await resourceAccess([input.text("ResourceId")], call, tagsOf(input.structures("TagsList") ?? [], call.quotas)),
  async handle(input, call) {
    const given = tagsOf(input.structures("TagsList") ?? [], call.quotas);
    const trail = await trailToTag(input.text("ResourceId"), call);
    await changeTrail(trail, call, (now) => {
      const tags = new Map([...now.tags, ...given].map((tag) => [tag.key, tag]));
      checkTagCount(tags.size, call.quotas);
      return { ...now, tags: [...tags.values()] };
    });
    return {};
  },
};
