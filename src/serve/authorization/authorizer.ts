import type { AccountDirectory } from "../../account/identities/account-directory.ts";
import type { Clock } from "../../base/clock.ts";
import { accessDenied } from "./access-denied.ts";
import type { Access } from "./access.ts";
import { conditionContext, type ConditionSource } from "./condition-context.ts";
import type { PolicyDecision, PolicyEvaluator } from "./policy-evaluator.ts";
import { policiesOf } from "./principal-policies.ts";

export interface AuthorizerOptions {
  readonly accounts: AccountDirectory;
  readonly evaluator: PolicyEvaluator;
  readonly clock: Clock;
}

const NOTHING_ALLOWS: PolicyDecision = { allowed: false, policyType: "identity-based", explicit: false };

/**
 * Lets through what the caller's policies allow. All that CloudTrail has is the caller's own account's, so a policy is
 * asked as for a resource of that account, whichever account the ARN names: what an account does not have it does not find.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** Throws AWS's `AccessDeniedException`, for the first resource on which the call is not allowed. */
  async permit(access: Access, source: ConditionSource): Promise<void> {
    const { action, resources } = access;
    for (const resource of resources.length === 0 ? [undefined] : resources) {
      const decision = await this.#decide(access, source, resource);
      if (!decision.allowed)
        throw accessDenied({ callerArn: source.context.callerArn, action, resource: resource?.arn, decision });
    }
  }

  async #decide(
    access: Access,
    source: ConditionSource,
    resource: Access["resources"][number] | undefined,
  ): Promise<PolicyDecision> {
    const { accounts, evaluator, clock } = this.#options;
    const { principal, callerArn } = source.context;
    if (principal === undefined || callerArn === undefined) return NOTHING_ALLOWS;
    // The root user needs no policy, and none can take anything from it but its session's.
    if (principal.kind === "root" && principal.session?.assumedRoot !== true) return { allowed: true };
    return await evaluator.evaluate({
      principalArn: callerArn,
      accountId: principal.accountId,
      action: access.action,
      resource: resource?.arn ?? "*",
      context: conditionContext(source, principal, access, resource, { accounts, now: clock.now() }),
      ...policiesOf(principal, accounts),
    });
  }
}
