import type { PolicyDocument } from "../../aws/managed-policies.ts";

/** Decides by IAM's rules of evaluation ("Policy evaluation logic", IAM User Guide). What it cannot decide it denies. */
export interface PolicyEvaluator {
  evaluate(request: PolicyRequest): Promise<PolicyDecision>;
}

export interface PolicyRequest {
  readonly principalArn: string;
  readonly accountId: string;
  /** `cloudtrail:GetTrail` */
  readonly action: string;
  /** ARN, or "*" for actions that have no resources. */
  readonly resource: string;
  /** Condition keys as documented (`aws:SourceIp`) with what AWS would set; keys without a value are absent. */
  readonly context: ConditionContext;
  readonly identityPolicies: readonly NamedPolicy[];
  /** The request must be allowed by these too; undefined where the session has none. */
  readonly sessionPolicy: PolicyDocument | undefined;
}

export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** Which kind of policy decided, and whether by a Deny statement or because nothing allows. */
export type PolicyDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly policyType: "identity-based" | "session"; readonly explicit: boolean };
