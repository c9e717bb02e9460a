import { AwsError } from "../../aws/aws-error.ts";
import type { Organization } from "../../account/organization/organization.ts";
import type { ApiRequest } from "./api-operation.ts";

/**
 * The organization in which the caller may make organization trails: as its management account or as a delegated
 * administrator. Throws `OrganizationsNotInUseException`, `NotOrganizationMasterAccountException`,
 * `OrganizationNotInAllFeaturesModeException`, `CloudTrailAccessNotEnabledException`.
 */
export function organizationToManage(call: ApiRequest): Organization {
  const organization = organizationOf(call);
  if (organization.roleOf(call.accountId) === "member") throw notManagementAccount();
  checkFeatures(organization, call);
  return organization;
}

/** The caller's organization. Throws `OrganizationsNotInUseException`. */
export function organizationOf({ organization, accountId }: ApiRequest): Organization {
  if (organization?.roleOf(accountId) === undefined) {
    throw new AwsError("OrganizationsNotInUseException", `Account ${accountId} is not a member of an organization.`);
  }
  return organization;
}

/** What an organization needs to have turned on. */
export function checkFeatures({ settings }: Organization, { accountId }: ApiRequest): void {
  const signedIn = `You are signed in with the following AWS account ID: ${accountId}.`;
  if (!settings.allFeatures) {
    throw new AwsError(
      "OrganizationNotInAllFeaturesModeException",
      `The request could not be processed because your organization hasn’t enabled all features. Enable all features, and then try again. ${signedIn}`,
    );
  }
  if (!settings.trustedAccess) {
    throw new AwsError(
      "CloudTrailAccessNotEnabledException",
      `The request could not be processed because your organization hasn’t enabled CloudTrail service access. Enable service access for CloudTrail, and then try again. ${signedIn}`,
    );
  }
}

export function notManagementAccount(): AwsError {
  return new AwsError(
    "NotOrganizationMasterAccountException",
    "You cannot configure or manage trails for an organization because this action requires being signed in with the management account.",
  );
}
