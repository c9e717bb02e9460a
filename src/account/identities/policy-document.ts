import { z } from "zod";

/** IAM's limit for a managed policy is 6,144 characters, for a role's inline policies 10,240; no document is longer. */
const MAXIMUM_STATEMENTS = 512;

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const several = (one: z.ZodString) => z.union([one, z.array(one).min(1)]);
const action = z.string().regex(/^(?:\*|[A-Za-z0-9-]{1,64}:[A-Za-z0-9*?]{1,128})$/, "is no action such as cloudtrail:Get*");
/** Variables stand in an ARN's last part alone. */
const resource = z
  .string()
  .regex(
    /^(?:\*|arn(?::[A-Za-z0-9*?_-]{0,128}){0,4}(?::[^]{0,2048})?)$/,
    'is neither an ARN, with wildcards or without, nor "*"',
  );
const principal = z.union([
  z.literal("*"),
  z.record(z.enum(["AWS", "Service", "Federated", "CanonicalUser"]).or(z.string()), oneOrMore),
]);
const conditionValue = z.union([z.string(), z.number(), z.boolean()]);
const operators = [
  ...["Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"].map((name) => `String${name}`),
  ...["Numeric", "Date"].flatMap((type) =>
    ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"].map((name) => type + name),
  ),
  ...["Equals", "Like", "NotEquals", "NotLike"].map((name) => `Arn${name}`),
  "Bool",
  "BinaryEquals",
  "IpAddress",
  "NotIpAddress",
];
const OPERATOR = new RegExp(`^(?:(?:(?:ForAllValues|ForAnyValue):)?(?:${operators.join("|")})(?:IfExists)?|Null)$`);
const condition = z.record(z.string(), z.record(z.string(), z.union([conditionValue, z.array(conditionValue)])));

const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(["Allow", "Deny"]),
    Principal: principal.optional(),
    NotPrincipal: principal.optional(),
    Action: several(action).optional(),
    NotAction: several(action).optional(),
    Resource: several(resource).optional(),
    NotResource: several(resource).optional(),
    Condition: condition.optional(),
  })
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined), {
    message: "a statement has either Action or NotAction",
  });

/** A policy in IAM's language (IAM User Guide, "Grammar of the IAM JSON policy language"). */
export const policyDocumentSchema = z
  .strictObject({
    Version: z.enum(["2012-10-17", "2008-10-17"]).default("2012-10-17"),
    Id: z.string().optional(),
    Statement: z.union([statement.transform((one) => [one]), z.array(statement).min(1).max(MAXIMUM_STATEMENTS)]),
  })
  .superRefine(({ Statement }, context) => {
    for (const [at, { Condition = {} }] of Statement.entries()) {
      // One that is written wrong would never hold, and so take the force from a Deny.
      for (const operator of Object.keys(Condition).filter((name) => !OPERATOR.test(name)))
        context.addIssue({
          code: "custom",
          path: ["Statement", at, "Condition", operator],
          message: "is no condition operator of IAM",
        });
    }
  });

/**
 * The policy of a VPC endpoint: what may be done through it, to what. As AWS advises, whose calls it means stands in conditions
 * (`aws:PrincipalArn`), and its principal is everybody.
 */
export const endpointPolicySchema = policyDocumentSchema
  .superRefine(({ Statement }, context) => {
    for (const [at, { Principal, NotPrincipal, Resource, NotResource }] of Statement.entries()) {
      const path = ["Statement", at];
      if ((Resource === undefined) === (NotResource === undefined))
        context.addIssue({ code: "custom", path, message: "a statement has either Resource or NotResource" });
      if (NotPrincipal !== undefined || !isEverybody(Principal)) {
        const message = 'must be "*": name principals by aws:PrincipalArn in Condition';
        context.addIssue({ code: "custom", path: [...path, "Principal"], message });
      }
    }
  })
  .transform((policy) => ({ ...policy, Statement: policy.Statement.map((one) => ({ ...one, Principal: "*" as const })) }));

function isEverybody(named: unknown): boolean {
  if (named === "*") return true;
  return typeof named === "object" && named !== null && JSON.stringify(named) === '{"AWS":"*"}';
}

/** A policy of a user or role: it says what may be done to what, and to nobody else. */
export const identityPolicySchema = policyDocumentSchema.superRefine(({ Statement }, context) => {
  for (const [at, { Principal, NotPrincipal, Resource, NotResource }] of Statement.entries()) {
    const path = ["Statement", at];
    if ((Resource === undefined) === (NotResource === undefined))
      context.addIssue({ code: "custom", path, message: "a statement has either Resource or NotResource" });
    if (Principal !== undefined || NotPrincipal !== undefined)
      context.addIssue({ code: "custom", path, message: "the policies of users and roles name no principal" });
  }
});
