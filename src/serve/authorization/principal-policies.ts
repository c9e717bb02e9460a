import type { AccountDirectory } from "../../account/identities/account-directory.ts";
import type { AccountUser } from "../../account/identities/account-schema.ts";
import { identityPolicySchema } from "../../account/identities/policy-document.ts";
import { managedPolicy, type PolicyDocument } from "../../aws/managed-policies.ts";
import type { Principal, PrincipalSession } from "../../aws/principal.ts";
import type { NamedPolicy } from "./policy-evaluator.ts";
import { trusts } from "./trusts.ts";

export interface PrincipalPolicies {
  readonly identityPolicies: readonly NamedPolicy[];
  readonly sessionPolicy: PolicyDocument | undefined;
}

const EVERYTHING: PolicyDocument = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
/** What a session may do whose policies cannot be read. */
const NOTHING: PolicyDocument = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] };

/**
 * The policies that decide what a principal may do: those of the config file, by the account and name of user or role, and
 * those that its session was given. Users and roles that the file does not name have none.
 */
export function policiesOf(principal: Principal, accounts: AccountDirectory): PrincipalPolicies {
  const { session } = principal;
  if (principal.kind === "federated-user") {
    // Without a session policy a federated user may do nothing (STS API Reference, "GetFederationToken").
    const { identityPolicies } = policiesOf(principal.issuer, accounts);
    return { identityPolicies, sessionPolicy: sessionPolicyOf(session) ?? NO_STATEMENT_APPLIES };
  }
  return { identityPolicies: identityPoliciesOf(principal, accounts), sessionPolicy: sessionPolicyOf(session) };
}

/** Allows nothing and denies nothing: a document needs a statement. */
const NO_STATEMENT_APPLIES: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" }],
};

function identityPoliciesOf(
  principal: Exclude<Principal, { kind: "federated-user" }>,
  accounts: AccountDirectory,
): readonly NamedPolicy[] {
  switch (principal.kind) {
    case "root":
      // AssumeRoot's tasks are about root credentials, queues and buckets: none of their policies allows anything of CloudTrail.
      return principal.session?.assumedRoot === true ? [] : [{ name: "root", document: EVERYTHING }];
    case "user":
      return named(accounts.user(principal.accountId, principal.name)?.policies ?? []);
    case "role": {
      const role = accounts.role(principal.accountId, principal.name);
      return role !== undefined && trusts(role, principal.session.assumedBy ?? []) ? named(role.policies) : [];
    }
  }
}

function named(policies: AccountUser["policies"]): readonly NamedPolicy[] {
  return policies.map((policy) =>
    typeof policy === "string" ? { name: policy, document: managedPolicy(policy) ?? NOTHING } : policy,
  );
}

/** Several session policies allow what any of them allows: they are read as one document. */
function sessionPolicyOf(session: PrincipalSession | undefined): PolicyDocument | undefined {
  if (session?.policies === undefined) return undefined;
  return { Version: "2012-10-17", Statement: session.policies.flatMap((text) => documentOf(text).Statement) };
}

function documentOf(text: string): PolicyDocument {
  if (text.startsWith("arn:")) return managedPolicy(text) ?? NO_STATEMENT_APPLIES;
  try {
    const parsed = identityPolicySchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : NOTHING;
  } catch {
    return NOTHING;
  }
}
