import type { ApiCall } from "../../../event/api-call.ts";
import type { Caller, SessionFacts } from "../../../event/caller.ts";
import { textAt } from "../tree-members.ts";

/**
 * Who began a role's session, under every name by which the role's trust policy may know them. Of callers that nobody knows
 * there is none.
 */
export function assumedByOf(call: Pick<ApiCall, "caller" | "input" | "operationName">): Pick<SessionFacts, "assumedBy"> {
  const names = namesOf(call);
  return names.length === 0 ? {} : { assumedBy: names };
}

function namesOf({ caller, input, operationName }: Pick<ApiCall, "caller" | "input" | "operationName">): readonly string[] {
  // These two need no signature: the token says who asks.
  if (operationName === "AssumeRoleWithSAML") return [textAt(input, "PrincipalArn")].filter((arn) => arn !== undefined);
  if (operationName === "AssumeRoleWithWebIdentity") return caller.kind === "web-identity" ? [caller.identityProvider] : [];
  return signerNames(caller);
}

function signerNames(caller: Caller): readonly string[] {
  switch (caller.kind) {
    case "root":
      return accountNames(caller.accountId);
    case "user":
      return [...accountNames(caller.accountId), caller.arn];
    case "role-session": {
      const { accountId, roleArn, roleName, sessionName } = caller;
      return [...accountNames(accountId), roleArn, `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`];
    }
    case "federated-user":
      return [...accountNames(caller.accountId), `arn:aws:sts::${caller.accountId}:federated-user/${caller.name}`];
    default:
      return [];
  }
}

function accountNames(accountId: string): readonly string[] {
  return [accountId, `arn:aws:iam::${accountId}:root`];
}
