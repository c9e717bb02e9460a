import { z } from "zod";

/** Who holds an access key. Users and roles are named: what else is known of them stands in entries of their own. */
const issuer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("root") }),
  z.strictObject({ kind: z.literal("user"), userName: z.string() }),
]);

const owner = z.discriminatedUnion("kind", [
  ...issuer.options,
  z.strictObject({
    kind: z.literal("role"),
    /** `arn:aws:iam::ACCOUNT:role/path/name`; absent where the path was not told. */
    roleArn: z.string().exactOptional(),
    roleId: z.string().exactOptional(),
    roleName: z.string(),
    sessionName: z.string(),
  }),
  z.strictObject({ kind: z.literal("federated"), name: z.string(), issuer }),
  /** Nothing but the account is known. */
  z.strictObject({ kind: z.literal("account") }),
]);

const session = z.strictObject({
  creationDate: z.string().exactOptional(),
  mfaAuthenticated: z.boolean().exactOptional(),
  sourceIdentity: z.string().exactOptional(),
  ec2RoleDelivery: z.enum(["1.0", "2.0"]).exactOptional(),
  assumedRoot: z.literal(true).exactOptional(),
  webIdFederation: z
    .strictObject({ federatedProvider: z.string(), attributes: z.record(z.string(), z.string()) })
    .exactOptional(),
  fromConsole: z.boolean().exactOptional(),
  policies: z.array(z.string()).readonly().exactOptional(),
  assumedBy: z.array(z.string()).readonly().exactOptional(),
});

export const learnedKeySchema = z.strictObject({
  accessKeyId: z.string(),
  accountId: z.string(),
  owner,
  active: z.boolean(),
  /** When the call that told began, epoch milliseconds: what was deleted later is not learned from it. */
  learnedAt: z.number(),
  /** Present for temporary credentials and only for those. */
  session: session.exactOptional(),
  /** Epoch milliseconds; present for temporary credentials and only for those. */
  expiresAt: z.number().exactOptional(),
  secretAccessKey: z.string().exactOptional(),
  /** SHA-256, base64. */
  sessionTokenDigest: z.string().exactOptional(),
});

/** A user or role that an answer has shown. */
export const learnedPrincipalSchema = z.strictObject({
  accountId: z.string(),
  name: z.string(),
  arn: z.string(),
  id: z.string().exactOptional(),
  /** When the answer that told was complete, epoch milliseconds. */
  learnedAt: z.number(),
});

export type KeyHolder = Readonly<z.output<typeof owner>>;
export type FederationIssuer = Readonly<z.output<typeof issuer>>;
export type LearnedKey = Readonly<z.output<typeof learnedKeySchema>>;
export type LearnedPrincipal = Readonly<z.output<typeof learnedPrincipalSchema>>;
