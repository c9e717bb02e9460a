import type { FederatedUserPrincipal, Principal, PrincipalSession, RootPrincipal, UserPrincipal } from "../../aws/principal.ts";
import type { Caller, RootCaller, SessionFacts, UserCaller } from "../../event/caller.ts";

/** The caller as policies know it; undefined for callers that have none. */
export function principalOf(caller: Caller): Principal | undefined {
  switch (caller.kind) {
    case "root":
    case "user":
      return holderOf(caller);
    case "role-session": {
      const { accountId, roleName, roleArn, session } = caller;
      return { kind: "role", accountId, name: roleName, arn: roleArn, session: sessionOf(session) };
    }
    case "federated-user": {
      const { accountId, issuer, session } = caller;
      const federated: FederatedUserPrincipal = {
        kind: "federated-user",
        accountId,
        issuer: holderOf(issuer),
        session: sessionOf(session),
      };
      return federated;
    }
    default:
      return undefined;
  }
}

function holderOf(caller: RootCaller | UserCaller): RootPrincipal | UserPrincipal {
  const { accountId } = caller;
  const session = caller.session === undefined ? {} : { session: sessionOf(caller.session) };
  if (caller.kind === "root") return { kind: "root", accountId, ...session };
  return { kind: "user", accountId, name: caller.userName, arn: caller.arn, ...session };
}

function sessionOf(facts: SessionFacts): PrincipalSession {
  const { creationDate, mfaAuthenticated, sourceIdentity, webIdFederation, assumedRoot, policies, assumedBy } = facts;
  return {
    ...(creationDate === undefined ? {} : { issuedAt: creationDate }),
    ...(mfaAuthenticated === undefined ? {} : { mfaAuthenticated }),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(webIdFederation === undefined ? {} : { federatedProvider: webIdFederation.federatedProvider }),
    ...(assumedRoot === undefined ? {} : { assumedRoot }),
    ...(policies === undefined ? {} : { policies }),
    ...(assumedBy === undefined ? {} : { assumedBy }),
  };
}
