import { AwsError } from "../../aws/aws-error.ts";
import type { ApiOperation } from "./api-operation.ts";
import { checkMember, organizationToDelegate } from "./delegation.ts";

/** The trails that the member made stay: they are the management account's. */
export const deregisterOrganizationDelegatedAdmin: ApiOperation = {
  name: "DeregisterOrganizationDelegatedAdmin",
  access: () => ({ resources: [] }),
  async handle(input, call) {
    const organization = organizationToDelegate(call);
    const accountId = checkMember(organization, input.text("DelegatedAdminAccountId"));
    if (organization.roleOf(accountId) !== "delegated")
      throw new AwsError("AccountNotRegisteredException", `Account ${accountId} is not a delegated administrator.`);
    await organization.setDelegated(accountId, false);
    return {};
  },
};
