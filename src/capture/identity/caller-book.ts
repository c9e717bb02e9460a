import { type AccountDirectory, type KeyOwner, principalArn } from "../../account/identities/account-directory.ts";
import type { Caller, RootCaller, UserCaller } from "../../event/caller.ts";
import type { FederationIssuer, KeyHolder, LearnedKey } from "./learned-entry.ts";
import type { LearnedIdentities } from "./learned-identities.ts";

/** Makes callers of access keys: from the configured accounts first, then from what was learned. */
export class CallerBook {
  readonly #accounts: AccountDirectory;
  readonly #learned: LearnedIdentities;

  constructor(accounts: AccountDirectory, learned: LearnedIdentities) {
    this.#accounts = accounts;
    this.#learned = learned;
  }

  ofConfiguredKey(owner: KeyOwner): Caller & { readonly accountId: string } {
    const accountId = owner.account.id;
    if (owner.kind === "service") return { kind: "service", accountId, invokedBy: owner.service.principal };
    if (owner.kind === "root") return this.root(accountId, owner.accessKey.id);
    return this.#user(accountId, owner.user.name, owner.accessKey.id);
  }

  ofLearnedKey(key: LearnedKey): Caller & { readonly accountId: string } {
    const { accountId, accessKeyId, owner } = key;
    const session = key.session === undefined ? {} : { session: key.session };
    if (owner.kind === "account") return { kind: "unknown", accountId, accessKeyId };
    if (owner.kind === "federated") {
      const issuer = this.#issuer(accountId, owner.issuer);
      return { kind: "federated-user", accountId, accessKeyId, name: owner.name, issuer, session: key.session ?? {} };
    }
    if (owner.kind === "role") return this.#roleSession(key, owner);
    return { ...this.#issuer(accountId, owner, accessKeyId), ...session };
  }

  root(accountId: string, accessKeyId: string): RootCaller {
    const alias = this.#accounts.account(accountId)?.alias;
    return { kind: "root", accountId, accessKeyId, ...(alias === undefined ? {} : { accountAlias: alias }) };
  }

  /** Whether id and path of the user are known, rather than only that there is one of that name. */
  knowsUser({ accountId, userName }: UserCaller): boolean {
    return (this.#accounts.user(accountId, userName) ?? this.#learned.user(accountId, userName)) !== undefined;
  }

  #roleSession(key: LearnedKey, holder: Extract<KeyHolder, { kind: "role" }>): Caller & { readonly accountId: string } {
    const { accountId, accessKeyId } = key;
    const { roleName, sessionName } = holder;
    const configured = this.#accounts.role(accountId, roleName);
    const learned = this.#learned.role(accountId, roleName);
    const roleId = holder.roleId ?? learned?.id ?? configured?.id;
    // A role whose path nobody told is taken to stand at "/", as nearly all do.
    const roleArn =
      holder.roleArn ?? learned?.arn ?? principalArn(accountId, "role", configured ?? { path: "/", name: roleName });
    const session = key.session ?? {};
    return {
      kind: "role-session",
      accountId,
      accessKeyId,
      roleArn,
      roleName,
      sessionName,
      session,
      ...(roleId === undefined ? {} : { roleId }),
    };
  }

  #issuer(accountId: string, holder: FederationIssuer, accessKeyId?: string): RootCaller | UserCaller {
    if (holder.kind === "user") return this.#user(accountId, holder.userName, accessKeyId);
    const { accessKeyId: _, ...root } = this.root(accountId, "");
    return accessKeyId === undefined ? root : { ...root, accessKeyId };
  }

  #user(accountId: string, userName: string, accessKeyId: string | undefined): UserCaller {
    const configured = this.#accounts.user(accountId, userName);
    const learned = this.#learned.user(accountId, userName);
    const principalId = configured?.id ?? learned?.id;
    // Likewise for users.
    const path = { path: "/", name: userName };
    const arn =
      configured === undefined
        ? (learned?.arn ?? principalArn(accountId, "user", path))
        : principalArn(accountId, "user", configured);
    return {
      kind: "user",
      accountId,
      arn,
      userName,
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
      ...(principalId === undefined ? {} : { principalId }),
    };
  }
}
