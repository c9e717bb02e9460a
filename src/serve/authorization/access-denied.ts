import { AwsError } from "../../aws/aws-error.ts";
import type { PolicyDecision } from "./policy-evaluator.ts";

export interface Refusal {
  /** Undefined where nobody knows the caller. */
  readonly callerArn: string | undefined;
  readonly action: string;
  /** Undefined for actions without resources: CloudTrail's messages name none then. */
  readonly resource: string | undefined;
  readonly decision: Extract<PolicyDecision, { allowed: false }>;
}

/** `AccessDeniedException` in AWS's words: IAM User Guide, "Troubleshoot access denied error messages". */
export function accessDenied({ callerArn, action, resource, decision }: Refusal): AwsError {
  const { policyType, explicit } = decision;
  const where = resource === undefined ? "" : ` on resource: ${resource}`;
  const why = explicit
    ? `with an explicit deny in ${policyType === "session" ? "a session" : "an identity-based"} policy`
    : `because no ${policyType} policy allows the ${action} action`;
  return new AwsError(
    "AccessDeniedException",
    `User: ${callerArn ?? "anonymous"} is not authorized to perform: ${action}${where} ${why}`,
  );
}
