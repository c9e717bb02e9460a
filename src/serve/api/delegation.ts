import { AwsError } from "../../aws/aws-error.ts";
import type { Organization } from "../../account/organization/organization.ts";
import type { ApiRequest } from "./api-operation.ts";
import { checkFeatures, organizationOf } from "./organization-access.ts";

/**
 * The organization whose delegated administrators the caller may change: its management account alone. Throws
 * `OrganizationsNotInUseException`, `NotOrganizationManagementAccountException`, `OrganizationNotInAllFeaturesModeException`,
 * `CloudTrailAccessNotEnabledException`.
 */
export function organizationToDelegate(call: ApiRequest): Organization {
  const organization = organizationOf(call);
  if (organization.managementAccount !== call.accountId) {
    throw new AwsError(
      "NotOrganizationManagementAccountException",
      "You cannot register or remove a delegated administrator because this action requires being signed in with the management account.",
    );
  }
  checkFeatures(organization, call);
  return organization;
}

/** Throws `InvalidParameterException`, `AccountNotFoundException`. */
export function checkMember(organization: Organization, accountId: string | undefined): string {
  if (accountId === undefined || !/^\d{12,16}$/.test(accountId))
    throw new AwsError("InvalidParameterException", "The account ID must have 12 to 16 digits.");
  if (organization.roleOf(accountId) === undefined)
    throw new AwsError("AccountNotFoundException", `Account ${accountId} is not found or not part of the organization.`);
  return accountId;
}
