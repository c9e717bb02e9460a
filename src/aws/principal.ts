/**
 * A caller to whom IAM's policies apply, as far as policies ask for it. A caller that is none of these (unknown keys,
 * services, anonymous requests) has no policies.
 */
export type Principal = RootPrincipal | UserPrincipal | RolePrincipal | FederatedUserPrincipal;

export interface RootPrincipal {
  readonly kind: "root";
  readonly accountId: string;
  readonly session?: PrincipalSession;
}

export interface UserPrincipal {
  readonly kind: "user";
  readonly accountId: string;
  readonly name: string;
  /** `arn:aws:iam::ACCOUNT:user/path/name` */
  readonly arn: string;
  readonly session?: PrincipalSession;
}

/** The session of a role. */
export interface RolePrincipal {
  readonly kind: "role";
  readonly accountId: string;
  readonly name: string;
  /** The role's own: `arn:aws:iam::ACCOUNT:role/path/name` */
  readonly arn: string;
  readonly session: PrincipalSession;
}

export interface FederatedUserPrincipal {
  readonly kind: "federated-user";
  readonly accountId: string;
  /** Who called GetFederationToken: nobody is given more than that. */
  readonly issuer: RootPrincipal | UserPrincipal;
  readonly session: PrincipalSession;
}

/** What temporary credentials know of their session. Everything unknown is absent. */
export interface PrincipalSession {
  /** ISO 8601. */
  readonly issuedAt?: string;
  readonly mfaAuthenticated?: boolean;
  readonly sourceIdentity?: string;
  readonly federatedProvider?: string;
  /** From AssumeRoot: a root user with the rights of one task only. */
  readonly assumedRoot?: true;
  /** Session policies, each the JSON text of a document or the ARN of a managed policy; absent where none were passed. */
  readonly policies?: readonly string[];
  /** Who began a role's session, under every name by which the role's trust policy may know them; absent where nobody knows. */
  readonly assumedBy?: readonly string[];
}
