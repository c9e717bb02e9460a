import type { ApiCall } from "../../../event/api-call.ts";
import type { SessionFacts } from "../../../event/caller.ts";
import { structuresAt, textAt } from "../tree-members.ts";

/** STS API Reference, "AssumeRole": at most ten managed policies; a document of 2,048 characters, which is what `textAt` reads. */
const MAXIMUM_ARNS = 10;

/**
 * The session policies that a call to STS passes. Nobody may do more than they say, so what cannot be read whole stands as a
 * policy that nobody can read: "".
 */
export function sessionPoliciesOf({ input }: Pick<ApiCall, "input">): Pick<SessionFacts, "policies"> {
  if (input === undefined) return { policies: [""] };
  const documents = isGiven(input["Policy"]) ? [textAt(input, "Policy") ?? ""] : [];
  const descriptors = structuresAt(input, "PolicyArns");
  const arns = descriptors.slice(0, MAXIMUM_ARNS).map((descriptor) => textAt(descriptor, "arn") ?? "");
  if (isGiven(input["PolicyArns"]) && descriptors.length === 0 && !isEmptyList(input["PolicyArns"])) arns.push("");
  const policies = [...documents, ...arns];
  return policies.length === 0 ? {} : { policies };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
