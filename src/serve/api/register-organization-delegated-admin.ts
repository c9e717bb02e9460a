import { AwsError } from "../../aws/aws-error.ts";
import type { ApiOperation } from "./api-operation.ts";
import { checkMember, organizationToDelegate } from "./delegation.ts";

/** Lets a member manage the organization's trails. */
export const registerOrganizationDelegatedAdmin: ApiOperation = {
  name: "RegisterOrganizationDelegatedAdmin",
  access: () => ({ resources: [] }),
  async handle(input, call) {
    const organization = organizationToDelegate(call);
    const accountId = checkMember(organization, input.text("MemberAccountId"));
    const { delegatedAdministrators: most } = call.quotas;
    switch (organization.roleOf(accountId)) {
      case "management":
        throw new AwsError(
          "CannotDelegateManagementAccountException",
          `Account ${accountId} is the management account of the organization and cannot be its delegated administrator.`,
        );
      case "delegated":
        throw new AwsError("AccountRegisteredException", `Account ${accountId} is already a delegated administrator.`);
    }
    if (organization.delegatedAdministrators().length >= most) {
      throw new AwsError(
        "DelegatedAdminAccountLimitExceededException",
        `The organization has ${most} delegated administrators already, and may have no more.`,
      );
    }
    await organization.setDelegated(accountId, true);
    return {};
  },
};
