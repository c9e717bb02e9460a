import { z } from "zod";

/** IAM's limit for a managed policy is 6,144 characters, for a role's inline policies 10,240; no document is longer. */
const MAXIMUM_STATEMENTS = 512;

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const principal = z.union([
  z.literal("*"),
  z.record(z.enum(["AWS", "Service", "Federated", "CanonicalUser"]).or(z.string()), oneOrMore),
]);
const conditionValue = z.union([z.string(), z.number(), z.boolean()]);
const condition = z.record(z.string(), z.record(z.string(), z.union([conditionValue, z.array(conditionValue)])));

const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(["Allow", "Deny"]),
    Principal: principal.optional(),
    NotPrincipal: principal.optional(),
    Action: oneOrMore.optional(),
    NotAction: oneOrMore.optional(),
    Resource: oneOrMore.optional(),
    NotResource: oneOrMore.optional(),
    Condition: condition.optional(),
  })
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined), {
    message: "a statement has either Action or NotAction",
  });

/** A policy in IAM's language (IAM User Guide, "Grammar of the IAM JSON policy language"). */
export const policyDocumentSchema = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).default("2012-10-17"),
  Id: z.string().optional(),
  Statement: z.union([statement.transform((one) => [one]), z.array(statement).min(1).max(MAXIMUM_STATEMENTS)]),
});
