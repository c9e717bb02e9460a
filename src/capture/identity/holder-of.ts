import { parsePrincipalArn } from "../../aws/principal-arn.ts";
import type { Caller, SessionFacts } from "../../event/caller.ts";
import type { FederationIssuer, KeyHolder } from "./learned-entry.ts";

export interface Holding {
  readonly accountId: string;
  readonly owner: KeyHolder;
}

/** The reverse of a caller: whom a further key of the same caller belongs to. Undefined for callers that have no keys. */
export function holderOfCaller(caller: Caller): (Holding & { readonly session?: SessionFacts }) | undefined {
  switch (caller.kind) {
    case "root":
    case "user":
      return {
        accountId: caller.accountId,
        owner: issuerOf(caller),
        ...(caller.session === undefined ? {} : { session: caller.session }),
      };
    case "role-session": {
      const { accountId, roleArn, roleId, roleName, sessionName, session } = caller;
      return {
        accountId,
        session,
        owner: { kind: "role", roleArn, roleName, sessionName, ...(roleId === undefined ? {} : { roleId }) },
      };
    }
    case "federated-user":
      return {
        accountId: caller.accountId,
        session: caller.session,
        owner: { kind: "federated", name: caller.name, issuer: issuerOf(caller.issuer) },
      };
    case "unknown":
      return caller.accountId === undefined ? undefined : { accountId: caller.accountId, owner: { kind: "account" } };
    case "service":
      return { accountId: caller.accountId, owner: { kind: "account" } };
    default:
      return undefined;
  }
}

/**
 * Whom the answer of GetCallerIdentity names: `Arn` and `UserId`. Of what is no principal of IAM (moto's
 * `arn:aws:sts::123456789012:user/moto`) only the account is taken; a federated user's issuer is not told.
 */
export function holderOfArn(
  arn: string | undefined,
  userId: string | undefined,
  account: string | undefined,
  foreignAccountId?: string,
): Holding | undefined {
  const principal = arn === undefined ? undefined : parsePrincipalArn(arn, foreignAccountId);
  if (principal === undefined || principal.kind === "federated-user") {
    const accountId = principal?.accountId ?? (account !== undefined && /^\d{12}$/.test(account) ? account : undefined);
    return accountId === undefined ? undefined : { accountId, owner: { kind: "account" } };
  }
  const { accountId } = principal;
  switch (principal.kind) {
    case "root":
      return { accountId, owner: { kind: "root" } };
    case "user":
      return { accountId, owner: { kind: "user", userName: principal.name } };
    case "role":
      return { accountId, owner: { kind: "account" } };
    case "assumed-role": {
      const roleId = uniqueId(userId?.split(":", 1)[0]);
      const { name: roleName, sessionName } = principal;
      return { accountId, owner: { kind: "role", roleName, sessionName, ...(roleId === undefined ? {} : { roleId }) } };
    }
  }
}

/** IAM's unique ids: 16 to 128 letters and digits. */
export function uniqueId(text: string | undefined): string | undefined {
  return text !== undefined && /^\w{16,128}$/.test(text) ? text : undefined;
}

export function issuerOf(caller: Extract<Caller, { kind: "root" | "user" }>): FederationIssuer {
  return caller.kind === "root" ? { kind: "root" } : { kind: "user", userName: caller.userName };
}
