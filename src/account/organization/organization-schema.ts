import { z } from "zod";

const twelveDigits = "must be twelve digits, in quotes: a number would lose its leading zeros";
const accountId = z.string(twelveDigits).regex(/^\d{12}$/, twelveDigits);

/** AWS Organizations asks for both of every account; what is not given follows from the account id. */
const member = z
  .union([
    accountId.transform((id): GivenAccount => ({ id })),
    z.strictObject({ id: accountId, name: z.string().min(1).max(50).optional(), email: z.email().max(64).optional() }),
  ])
  .transform(({ id, name = `account-${id}`, email = `${id}@example.com` }: GivenAccount) => ({ id, name, email }));

interface GivenAccount {
  readonly id: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

/** An organization of AWS Organizations, as far as trails need it. */
export const organizationSchema = z
  .strictObject({
    id: z.string().regex(/^o-[a-z0-9]{10,32}$/, "must be an organization id such as o-exampleorgid"),
    managementAccount: member,
    members: z.array(member).max(10_000).default([]),
    /** Accounts of `members`. What RegisterOrganizationDelegatedAdmin and its opposite change afterwards is kept and stands over this. */
    delegatedAdministrators: z.array(accountId).max(100).default([]),
    /** False: consolidated billing alone, with which there are no organization trails. */
    allFeatures: z.boolean().default(true),
    /** Whether the organization trusts `cloudtrail.amazonaws.com`. */
    trustedAccess: z.boolean().default(true),
  })
  .superRefine(({ managementAccount, members, delegatedAdministrators }, context) => {
    const seen = new Set([managementAccount.id]);
    for (const [at, { id }] of members.entries()) {
      if (seen.has(id)) context.addIssue({ code: "custom", path: ["members", at], message: `account ${id} is in it already` });
      seen.add(id);
    }
    const once = new Set<string>();
    for (const [at, id] of delegatedAdministrators.entries()) {
      const path = ["delegatedAdministrators", at];
      if (!members.some((account) => account.id === id))
        context.addIssue({ code: "custom", path, message: `account ${id} is not one of members` });
      if (once.has(id)) context.addIssue({ code: "custom", path, message: `account ${id} stands there twice` });
      once.add(id);
    }
  });

export type OrganizationSettings = Readonly<z.output<typeof organizationSchema>>;
export type OrganizationAccount = Readonly<OrganizationSettings["members"][number]>;
