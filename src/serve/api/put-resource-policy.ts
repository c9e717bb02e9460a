import { AwsError } from "../../aws/aws-error.ts";
import { DecodeBudget } from "../../aws/codec/decode-budget.ts";
import { DecodeError } from "../../aws/codec/decode-failure.ts";
import { parseJson } from "../../aws/codec/parse-json.ts";
import { isTreeObject } from "../../aws/codec/tree-builder.ts";
import type { ApiOperation } from "./api-operation.ts";
import { policyAccess, policyResource } from "./policy-resource.ts";

/** "PutResourcePolicy" of the CloudTrail API Reference. */
const POLICY_LENGTH = 8192;

export const putResourcePolicy: ApiOperation = {
  name: "PutResourcePolicy",
  access: (input) => policyAccess(input.text("ResourceArn")),
  handle(input, call) {
    if (!isPolicy(input.text("ResourcePolicy")))
      throw new AwsError("ResourcePolicyNotValidException", "The resource-based policy has syntax errors.");
    return policyResource(input.text("ResourceArn"), call);
  },
};

function isPolicy(text: string | undefined): boolean {
  if (text === undefined || text === "" || text.length > POLICY_LENGTH) return false;
  try {
    const tree = parseJson(Buffer.from(text), new DecodeBudget());
    return tree !== undefined && isTreeObject(tree) && "Statement" in tree;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}
