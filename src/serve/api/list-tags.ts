import { AwsError } from "../../aws/aws-error.ts";
import type { TreeObject } from "../../aws/tree.ts";
import type { Tag } from "../../account/trails/trail.ts";
import type { ApiOperation } from "./api-operation.ts";
import { resourceAccess, taggedTrail } from "./tagged-resource.ts";

/** "ListTags" of the CloudTrail API Reference. */
const RESOURCES = 20;

/** All on one page. A token is passed over: the API Reference reserves it, and the service validates none where it does. */
export const listTags: ApiOperation = {
  name: "ListTags",
  access: async (input, call) => await resourceAccess(input.texts("ResourceIdList") ?? [], call),
  async handle(input, call) {
    const arns = input.texts("ResourceIdList") ?? [];
    if (arns.length === 0 || arns.length > RESOURCES)
      throw new AwsError("InvalidParameterException", `ResourceIdList must name 1 to ${RESOURCES} resources.`);
    const trails = await Promise.all(arns.map((arn) => taggedTrail(arn, call)));
    if (new Set(trails.map(({ accountId }) => accountId)).size > 1)
      throw new AwsError("CloudTrailARNInvalidException", "You cannot have resources belonging to multiple owners");
    return { ResourceTagList: trails.map(({ arn, tags }) => ({ ResourceId: arn, TagsList: tags.map(shown) })) };
  },
};

function shown({ key, value }: Tag): TreeObject {
  return { Key: key, ...(value !== null && { Value: value }) };
}
