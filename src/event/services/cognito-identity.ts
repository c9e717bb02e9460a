import type { ServiceRules } from "../service-rules.ts";
import { textAt } from "./read-tree.ts";
import { arnOf, recordResources } from "./record-resource.ts";

/**
 * The pool is named where the call names it; which pool an identity belongs to only the service knows. Source: Amazon
 * Cognito Developer Guide, "Example Amazon Cognito events".
 */
export const cognitoIdentity: ServiceRules = {
  resources: (call) => {
    const pool = textAt(call.input, "IdentityPoolId");
    if (pool === undefined || !POOL_CALLS.has(call.operationName)) return undefined;
    return recordResources(call, "AWS::Cognito::IdentityPool", [arnOf(call, "cognito-identity", `identitypool/${pool}`)]);
  },
};

/** Only data events list their pool. */
const POOL_CALLS: ReadonlySet<string> = new Set(["GetId", "GetOpenIdTokenForDeveloperIdentity"]);
