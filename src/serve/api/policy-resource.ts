import { AwsError } from "../../aws/aws-error.ts";
import type { Access } from "../authorization/access.ts";
import type { ApiRequest } from "./api-operation.ts";
import { type ResourceReference, resourceReference } from "./resource-reference.ts";

/**
 * Event data stores, channels and dashboards have policies, trails do not; and of those three there are none yet. Throws
 * `ResourceARNNotValidException`, `ResourceTypeNotSupportedException`, `ResourceNotFoundException`.
 */
export function policyResource(text: string | undefined, call: ApiRequest): never {
  const { type, arn, accountId, region } = reference(text);
  if (type === "trail")
    throw new AwsError("ResourceTypeNotSupportedException", `Resource-based policies are not supported for trails: ${arn}`);
  if (accountId !== call.accountId || region !== call.region)
    throw new AwsError("ResourceARNNotValidException", `The resource is of another account or Region: ${arn}`);
  throw new AwsError("ResourceNotFoundException", `Resource not found: ${arn}`);
}

export function policyAccess(text: string | undefined): Omit<Access, "action"> {
  return { resources: [{ arn: reference(text).arn, tags: [] }] };
}

function reference(text: string | undefined): ResourceReference {
  return resourceReference(
    text,
    (given) => new AwsError("ResourceARNNotValidException", `The resource ARN is not valid: ${given}`),
  );
}
