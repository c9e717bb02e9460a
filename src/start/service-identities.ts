import type { Identities } from "../capture/identity/identities.ts";
import { accountOfKeyId, makeKeyId } from "../aws/key-id.ts";
import type { Accounts } from "../account/identities/accounts.ts";

const PRINCIPAL = "cloudtrail.amazonaws.com";

/** Credentials by which CloudTrail calls the backend in the name of an account. */
export interface ServiceKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** CloudTrail's own keys, one for each account. */
export interface ServiceKeys {
  keyOf(accountId: string): ServiceKey;
  accountOf(accessKeyId: string): string;
}

/**
 * The keys that the configuration has for the service `cloudtrail.amazonaws.com` of an account, for backends that check
 * signatures; elsewhere one that says no more than the account.
 */
export function serviceKeys(accounts: Accounts, defaultAccountId: string): ServiceKeys {
  const configured = new Map<string, ServiceKey>();
  const accountsOfKeys = new Map<string, string>();
  for (const { id, services } of accounts) {
    for (const { principal, accessKeys } of services) {
      if (principal !== PRINCIPAL) continue;
      for (const key of accessKeys) {
        accountsOfKeys.set(key.id, id);
        if (key.secret !== undefined && !configured.has(id))
          configured.set(id, { accessKeyId: key.id, secretAccessKey: key.secret });
      }
    }
  }
  return {
    keyOf: (accountId) =>
      configured.get(accountId) ?? { accessKeyId: makeKeyId("AKIA", accountId, Buffer.alloc(6)), secretAccessKey: "none" },
    accountOf: (accessKeyId) => accountsOfKeys.get(accessKeyId) ?? accountOfKeyId(accessKeyId) ?? defaultAccountId,
  };
}

/** Whoever comes through the service door is CloudTrail, for the account whose key it shows. */
export function serviceIdentities(keys: ServiceKeys): Identities {
  return {
    resolve({ accessKeyId = "" }) {
      const accountId = keys.accountOf(accessKeyId);
      return { accountId, caller: { kind: "service", accountId, invokedBy: PRINCIPAL } };
    },
    learn() {},
    async close() {},
  };
}
