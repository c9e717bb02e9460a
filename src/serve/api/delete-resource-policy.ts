import type { ApiOperation } from "./api-operation.ts";
import { policyAccess, policyResource } from "./policy-resource.ts";

export const deleteResourcePolicy: ApiOperation = {
  name: "DeleteResourcePolicy",
  access: (input) => policyAccess(input.text("ResourceArn")),
  handle: (input, call) => policyResource(input.text("ResourceArn"), call),
};
