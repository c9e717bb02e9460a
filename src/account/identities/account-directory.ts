import { formatArn } from "../../aws/arn.ts";
import type { AccountAccessKey, AccountRole, AccountService, AccountUser, Account } from "./account-schema.ts";
import type { Accounts } from "./accounts.ts";

/** Whose access key it is. */
export type KeyOwner =
  | { readonly kind: "root"; readonly account: Account; readonly accessKey: AccountAccessKey }
  | { readonly kind: "user"; readonly account: Account; readonly accessKey: AccountAccessKey; readonly user: AccountUser }
  | {
      readonly kind: "service";
      readonly account: Account;
      readonly accessKey: AccountAccessKey;
      readonly service: AccountService;
    };

/** The configured accounts, by every name that a request can give. Nothing changes after construction. */
export class AccountDirectory {
  readonly accounts: Accounts;
  readonly #accounts = new Map<string, Account>();
  readonly #keys = new Map<string, KeyOwner>();
  readonly #users = new Map<string, AccountUser>();
  readonly #roles = new Map<string, AccountRole>();

  /** `accounts` as `accountsSchema` gives them. */
  constructor(accounts: Accounts) {
    this.accounts = accounts;
    for (const account of accounts) {
      this.#accounts.set(account.id, account);
      for (const accessKey of account.root.accessKeys) this.#keys.set(accessKey.id, { kind: "root", account, accessKey });
      for (const user of account.users) {
        this.#users.set(`${account.id}/${user.name}`, user);
        for (const accessKey of user.accessKeys) this.#keys.set(accessKey.id, { kind: "user", account, accessKey, user });
      }
      for (const service of account.services) {
        for (const accessKey of service.accessKeys)
          this.#keys.set(accessKey.id, { kind: "service", account, accessKey, service });
      }
      for (const role of account.roles) this.#roles.set(`${account.id}/${role.name}`, role);
    }
  }

  account(accountId: string): Account | undefined {
    return this.#accounts.get(accountId);
  }

  ownerOf(accessKeyId: string): KeyOwner | undefined {
    return this.#keys.get(accessKeyId);
  }

  user(accountId: string, name: string): AccountUser | undefined {
    return this.#users.get(`${accountId}/${name}`);
  }

  role(accountId: string, name: string): AccountRole | undefined {
    return this.#roles.get(`${accountId}/${name}`);
  }
}

/** `arn:aws:iam::123456789012:user/division/alice` */
export function principalArn(
  accountId: string,
  type: "user" | "role",
  principal: { readonly path: string; readonly name: string },
): string {
  return formatArn({
    partition: "aws",
    service: "iam",
    region: "",
    accountId,
    resource: `${type}${principal.path}${principal.name}`,
  });
}
