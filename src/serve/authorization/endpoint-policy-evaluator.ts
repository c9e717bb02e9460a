import type { PolicyDocument } from "../../aws/managed-policies.ts";
import type { PolicyRequest } from "./policy-evaluator.ts";

/** Decides what the policy of a VPC endpoint lets through: "Control access to VPC endpoints using endpoint policies", AWS PrivateLink. */
export interface EndpointPolicyEvaluator {
  /** What it cannot decide it denies. */
  evaluate(request: EndpointPolicyRequest): Promise<EndpointPolicyDecision>;
}

export interface EndpointPolicyRequest extends Pick<
  PolicyRequest,
  "principalArn" | "accountId" | "action" | "resource" | "context"
> {
  readonly policy: PolicyDocument;
}

/** `explicit`: by a Deny statement. */
export type EndpointPolicyDecision = { readonly allowed: true } | { readonly allowed: false; readonly explicit: boolean };
