import type { Clock } from "../../base/clock.ts";
import type { DelegationStore } from "./delegation-store.ts";
import type { OrganizationAccount, OrganizationSettings } from "./organization-schema.ts";

/** What an account is in its organization. Delegated administrators are members as well. */
export type OrganizationRole = "management" | "delegated" | "member";

/** `since` is the registration in epoch milliseconds; undefined where it stands in the config file. */
export type DelegatedAdministrator = OrganizationAccount & { readonly since: number | undefined };

/** The configured organization, with the delegated administrators that it has now. */
export class Organization {
  readonly settings: OrganizationSettings;
  readonly #delegations: DelegationStore;
  readonly #clock: Clock;
  readonly #accounts: ReadonlyMap<string, OrganizationAccount>;

  constructor(settings: OrganizationSettings, delegations: DelegationStore, clock: Clock) {
    this.settings = settings;
    this.#delegations = delegations;
    this.#clock = clock;
    this.#accounts = new Map([settings.managementAccount, ...settings.members].map((account) => [account.id, account]));
  }

  get id(): string {
    return this.settings.id;
  }

  get managementAccount(): string {
    return this.settings.managementAccount.id;
  }

  /** All of them, the management account first. */
  get accounts(): readonly OrganizationAccount[] {
    return [...this.#accounts.values()];
  }

  account(accountId: string): OrganizationAccount | undefined {
    return this.#accounts.get(accountId);
  }

  /** Undefined for accounts that are not in the organization. */
  roleOf(accountId: string): OrganizationRole | undefined {
    if (accountId === this.managementAccount) return "management";
    if (!this.#accounts.has(accountId)) return undefined;
    return this.#isDelegated(accountId) ? "delegated" : "member";
  }

  delegatedAdministrators(): readonly DelegatedAdministrator[] {
    const changes = this.#delegations.changes(this.id);
    return this.settings.members
      .filter(({ id }) => this.#isDelegated(id))
      .map((account) => ({ ...account, since: changes.get(account.id)?.at }));
  }

  /** Durable when it resolves. Who may, and how many there may be, is the caller's to check, without waiting in between. */
  async setDelegated(accountId: string, registered: boolean): Promise<void> {
    await this.#delegations.set(this.id, accountId, { registered, at: this.#clock.now() });
  }

  #isDelegated(accountId: string): boolean {
    const change = this.#delegations.changes(this.id).get(accountId);
    return change?.registered ?? this.settings.delegatedAdministrators.includes(accountId);
  }
}
