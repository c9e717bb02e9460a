import { AwsError } from "../../aws/aws-error.ts";
import type { TreeObject } from "../../aws/tree.ts";
import type { DescribedAccount, OrganizationSource } from "./organization-source.ts";

/** One operation: for a caller's account, from a request's members to an answer's. Throws `AwsError`. */
type Operation = (organization: OrganizationSource | undefined, accountId: string, input: TreeObject) => TreeObject;

/** AWS Organizations API Reference: a page has 20 entries at most. */
const PAGE = 20;

/** Every account of the organization may ask. */
export const describeOrganization: Operation = (given, accountId) => {
  const organization = memberOf(given, accountId);
  const { id, managementAccount, settings } = organization;
  return {
    Organization: {
      Id: id,
      Arn: `arn:aws:organizations::${managementAccount}:organization/${id}`,
      FeatureSet: settings.allFeatures ? "ALL" : "CONSOLIDATED_BILLING",
      MasterAccountArn: arnOf(managementAccount, organization),
      MasterAccountId: managementAccount,
      MasterAccountEmail: organization.account(managementAccount)?.email ?? null,
      AvailablePolicyTypes: [],
    },
  };
};

export const describeAccount: Operation = (given, accountId, input) => {
  const organization = managedBy(given, accountId);
  const wanted = input["AccountId"];
  if (typeof wanted !== "string" || !/^\d{12}$/.test(wanted)) throw invalidInput("You specified an invalid value for AccountId.");
  const account = organization.account(wanted);
  if (account === undefined) throw new AwsError("AccountNotFoundException", "You specified an account that doesn't exist.");
  return { Account: shown(account, organization) };
};

export const listAccounts: Operation = (given, accountId, input) => {
  const organization = managedBy(given, accountId);
  const { page, rest } = pageOf(organization.accounts, input);
  return { Accounts: page.map((account) => shown(account, organization)), ...rest };
};

/** CloudTrail's are all that there are. */
export const listDelegatedAdministrators: Operation = (given, accountId, input) => {
  const organization = managedBy(given, accountId);
  const service = input["ServicePrincipal"] ?? "cloudtrail.amazonaws.com";
  const administrators = service === "cloudtrail.amazonaws.com" ? organization.delegatedAdministrators() : [];
  const { page, rest } = pageOf(administrators, input);
  return {
    DelegatedAdministrators: page.map((account) => ({
      ...shown(account, organization),
      ...(account.since !== undefined && { DelegationEnabledDate: new Date(account.since) }),
    })),
    ...rest,
  };
};

function memberOf(organization: OrganizationSource | undefined, accountId: string): OrganizationSource {
  if (organization?.roleOf(accountId) === undefined)
    throw new AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.");
  return organization;
}

/** For the management account and delegated administrators alone. */
function managedBy(given: OrganizationSource | undefined, accountId: string): OrganizationSource {
  const organization = memberOf(given, accountId);
  if (organization.roleOf(accountId) === "member")
    throw new AwsError("AccessDeniedException", "You don't have permissions to access this resource.");
  return organization;
}

function shown(account: DescribedAccount, organization: OrganizationSource): TreeObject {
  return {
    Id: account.id,
    Arn: arnOf(account.id, organization),
    Email: account.email,
    Name: account.name,
    Status: "ACTIVE",
    State: "ACTIVE",
    JoinedMethod: account.id === organization.managementAccount ? "INVITED" : "CREATED",
  };
}

function arnOf(accountId: string, { id, managementAccount }: OrganizationSource): string {
  return `arn:aws:organizations::${managementAccount}:account/${id}/${accountId}`;
}

/** The token is the id of the last account that was shown. */
function pageOf<Account extends DescribedAccount>(
  accounts: readonly Account[],
  { MaxResults: most = PAGE, NextToken: token = null }: TreeObject,
): { readonly page: readonly Account[]; readonly rest: TreeObject } {
  const limit = Number(most);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= PAGE))
    throw invalidInput("You specified an invalid value for MaxResults.");
  const last = token === null ? -1 : accounts.findIndex(({ id }) => id === token);
  if (token !== null && last === -1) throw invalidInput("You specified an invalid value for NextToken.");
  const page = accounts.slice(last + 1, last + 1 + limit);
  const end = page.at(-1);
  return { page, rest: end === undefined || end === accounts.at(-1) ? {} : { NextToken: end.id } };
}

function invalidInput(message: string): AwsError {
  return new AwsError("InvalidInputException", message);
}
