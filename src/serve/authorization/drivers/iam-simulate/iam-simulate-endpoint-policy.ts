import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { Logger } from "../../../../base/logger.ts";
import type { EndpointPolicyDecision, EndpointPolicyEvaluator, EndpointPolicyRequest } from "../../endpoint-policy-evaluator.ts";
import { MOST_STEPS } from "./iam-simulate-evaluator.ts";
import { patternCost } from "./pattern-cost.ts";

const DENIED: EndpointPolicyDecision = { allowed: false, explicit: false };

/** Lets the endpoint's policy alone decide: what the caller's own policies say is for the service to find out. */
const EVERYTHING = {
  name: "everything",
  document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
};

/** The policies of VPC endpoints by `@cloud-copilot/iam-simulate`, of which iam-simulate-evaluator.ts says more. */
export function createIamSimulateEndpointPolicies(logger: Logger): EndpointPolicyEvaluator {
  return {
    async evaluate(request) {
      try {
        return await decide(request, logger);
      } catch (error) {
        logger.error({ err: error, action: request.action }, "the policy of a VPC endpoint could not be evaluated: denied");
        return DENIED;
      }
    },
  };
}

async function decide(request: EndpointPolicyRequest, logger: Logger): Promise<EndpointPolicyDecision> {
  const { principalArn, accountId, action, resource, context, policy } = request;
  const named = { name: "endpoint", document: policy };
  const cost = patternCost({ action, resource, context, identityPolicies: [named], sessionPolicy: undefined });
  if (cost > MOST_STEPS) {
    logger.warn({ action, resource, cost }, "patterns of a VPC endpoint's policy would take too long to match: denied");
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
      identityPolicies: [{ name: EVERYTHING.name, policy: EVERYTHING.document }],
      vpcEndpointPolicies: [{ name: named.name, policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    { simulationMode: "Strict" },
  );
  if (simulated.resultType === "error") {
    logger.warn({ errors: simulated.errors, action, resource }, "the policy of a VPC endpoint could not be evaluated: denied");
    return DENIED;
  }
  const analyses = simulated.resultType === "single" ? [simulated.result.analysis] : simulated.results.map((one) => one.analysis);
  const results = analyses.map((analysis) => analysis.endpointAnalysis?.result);
  if (results.includes("ExplicitlyDenied")) return { allowed: false, explicit: true };
  return results.length > 0 && results.every((result) => result === "Allowed") ? { allowed: true } : DENIED;
}
