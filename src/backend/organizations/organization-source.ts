/** The organization that is described, as far as AWS Organizations tells of it. */
export interface OrganizationSource {
  readonly id: string;
  /** Account id. */
  readonly managementAccount: string;
  readonly settings: { readonly allFeatures: boolean };
  /** All of them, the management account first. */
  readonly accounts: readonly DescribedAccount[];
  account(accountId: string): DescribedAccount | undefined;
  /** Undefined for accounts that are not in the organization. */
  roleOf(accountId: string): "management" | "delegated" | "member" | undefined;
  /** CloudTrail's. `since` in epoch milliseconds. */
  delegatedAdministrators(): readonly (DescribedAccount & { readonly since: number | undefined })[];
}

export interface DescribedAccount {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}
