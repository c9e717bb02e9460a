import { createHash } from "node:crypto";
import { z } from "zod";
import { type KeyIdPrefix, makeKeyId } from "../../aws/key-id.ts";
import { managedPolicy, managedPolicyNames } from "../../aws/managed-policies.ts";
import { identityPolicySchema, policyDocumentSchema } from "./policy-document.ts";

/** IAM and STS quotas: names of users 64, of roles 64, paths 512 characters. */
const name = z.string().regex(/^[\w+=,.@-]{1,64}$/, "must be 1 to 64 letters, digits or any of _+=,.@-");
const path = z
  .string()
  .max(512)
  .regex(/^\/(?:[\u0021-\u002e\u0030-\u007e]+\/)*$/, "must begin and end with a slash: /division/team/")
  .default("/");
const principalId = (prefix: KeyIdPrefix) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}[A-Z0-9]{12,124}$`), `must be a unique id that begins with ${prefix}`)
    .optional();

/** Ids as AWS and its look-alikes issue them; what cannot stand in a credential scope is refused. */
const accessKey = z.strictObject({
  id: z.string().regex(/^[^\s/,=]{3,128}$/u, "must be 3 to 128 characters without white space, slash, comma or equals sign"),
  /** Needed where signatures are verified. */
  secret: z.string().min(1).max(128).optional(),
});
const accessKeys = z.array(accessKey).default([]);

/** A document of its own, or the ARN of one of AWS's managed policies: those that grant something of CloudTrail are known. */
const policy = z.union([
  z.strictObject({ name, document: identityPolicySchema }),
  z.string().superRefine((arn, context) => {
    const managed = /^arn:aws[a-z-]*:iam::aws:policy\/[\w+=,.@/-]{1,512}$/.test(arn);
    if (!managed) {
      context.addIssue({ code: "custom", message: "must be { name, document } or the ARN of an AWS managed policy" });
    } else if (managedPolicy(arn) === undefined) {
      context.addIssue({
        code: "custom",
        message:
          `${arn} is not built in: of AWS's managed policies there are ${managedPolicyNames.join(", ")}. ` +
          "Leave out those that say nothing of CloudTrail, and write others as { name, document }",
      });
    }
  }),
]);
const policies = z.array(policy).default([]);

const user = z.strictObject({
  name,
  path,
  id: principalId("AIDA"),
  accessKeys,
  policies,
  /** Given, the user can sign in to the console. */
  console: z.strictObject({ password: z.string().min(8).max(128) }).optional(),
});

const role = z.strictObject({
  name,
  path,
  id: principalId("AROA"),
  policies,
  /** Who may assume the role; nobody where it is absent. */
  trust: policyDocumentSchema.optional(),
});

/** An AWS service that calls with keys of its own: its calls are recorded as the service's. */
const service = z.strictObject({
  principal: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]{0,200}\.amazonaws\.com(?:\.cn)?$/,
      "must be a service principal such as cloudformation.amazonaws.com",
    ),
  accessKeys,
});

/**
 * One account with its principals. Unique ids that are not given are derived from account, kind, path and name: they stay
 * the same from start to start, and decode to the account as AWS's do.
 */
export const accountSchema = z
  .strictObject({
    id: z
      .string("must be twelve digits, in quotes")
      .regex(/^\d{12}$/, "must be twelve digits, in quotes: a number would lose its leading zeros"),
    /** IAM's account alias: the root user's name in records. */
    alias: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/, "must be 3 to 63 lower-case letters, digits or hyphens")
      .optional(),
    organization: z
      .string()
      .regex(/^o-[a-z0-9]{10,32}$/, "must be an organization id such as o-exampleorgid")
      .optional(),
    root: z.strictObject({ accessKeys }).prefault({}),
    users: z.array(user).default([]),
    roles: z.array(role).default([]),
    services: z.array(service).default([]),
  })
  .transform((account) => ({
    ...account,
    users: account.users.map((one) => ({ ...one, id: one.id ?? derivedId("AIDA", account.id, one) })),
    roles: account.roles.map((one) => ({ ...one, id: one.id ?? derivedId("AROA", account.id, one) })),
  }));

export type Account = Readonly<z.output<typeof accountSchema>>;
export type AccountUser = Account["users"][number];
export type AccountRole = Account["roles"][number];
export type AccountService = Account["services"][number];
export type AccountAccessKey = AccountUser["accessKeys"][number];

function derivedId(
  prefix: KeyIdPrefix,
  accountId: string,
  { path, name }: { readonly path: string; readonly name: string },
): string {
  return makeKeyId(prefix, accountId, createHash("sha256").update(`${prefix}\n${accountId}\n${path}${name}`).digest());
}
