/**
 * What the API has changed about an organization's delegated administrators, kept across restarts: it stands over what the
 * config file says of the same account.
 */
export interface DelegationStore {
  /** By account id; false: it was deregistered. Answered from memory. */
  changes(organizationId: string): ReadonlyMap<string, Delegation>;

  /** Durable when it resolves. */
  set(organizationId: string, accountId: string, delegation: Delegation): Promise<void>;

  close(): Promise<void>;
}

export interface Delegation {
  readonly registered: boolean;
  /** Epoch milliseconds of the change. */
  readonly at: number;
}
