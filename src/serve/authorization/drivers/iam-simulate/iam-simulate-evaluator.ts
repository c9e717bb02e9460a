import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { Logger } from "../../../../base/logger.ts";
import type { PolicyDecision, PolicyEvaluator, PolicyRequest } from "../../policy-evaluator.ts";
import { patternCost } from "./pattern-cost.ts";

const DENIED = { allowed: false, policyType: "identity-based", explicit: false } as const satisfies PolicyDecision;

/** Some 10 ms: the library matches by regular expressions, in the thread that serves everybody. */
export const MOST_STEPS = 3_000_000;

/**
 * IAM's evaluation by `@cloud-copilot/iam-simulate` (AGPL-3.0-or-later: nothing outside this folder imports it, and it only runs
 * where policies are enforced). It validates each policy again in each call: some 0.4 ms.
 */
export function createIamSimulateEvaluator(logger: Logger): PolicyEvaluator {
  return {
    async evaluate(request) {
      try {
        return await decide(request, logger);
      } catch (error) {
        logger.error({ err: error, action: request.action }, "a policy could not be evaluated: denied");
        return DENIED;
      }
    },
  };
}

async function decide(request: PolicyRequest, logger: Logger): Promise<PolicyDecision> {
  const { principalArn, accountId, action, resource, context, identityPolicies, sessionPolicy } = request;
  const cost = patternCost(request);
  if (cost > MOST_STEPS) {
    logger.warn({ action, resource, principalArn, cost }, "patterns of a policy would take too long to match: denied");
    return DENIED;
  }
  const simulated = await runSimulation(
    {
      request: {
        principal: principalArn,
        action,
        resource: { resource, accountId },
        contextVariables: Object.fromEntries(
          Object.entries(context).map(([key, value]) => [key, typeof value === "string" ? value : [...value]]),
        ),
      },
      identityPolicies: identityPolicies.map(({ name, document }) => ({ name, policy: document })),
      ...(sessionPolicy === undefined ? {} : { sessionPolicy }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    { simulationMode: "Strict" },
  );
  if (simulated.resultType === "error") {
    logger.error({ errors: simulated.errors, action, resource }, "a policy could not be evaluated: denied");
    return DENIED;
  }
  if (simulated.overallResult === "Allowed") return { allowed: true };
  const analyses = simulated.resultType === "single" ? [simulated.result.analysis] : simulated.results.map((one) => one.analysis);
  const says = (part: "identityAnalysis" | "sessionAnalysis", result: string): boolean =>
    analyses.some((analysis) => analysis[part]?.result === result);
  if (says("identityAnalysis", "ExplicitlyDenied")) return { ...DENIED, explicit: true };
  if (says("sessionAnalysis", "ExplicitlyDenied")) return { allowed: false, policyType: "session", explicit: true };
  if (sessionPolicy !== undefined && says("identityAnalysis", "Allowed"))
    return { allowed: false, policyType: "session", explicit: false };
  return DENIED;
}
