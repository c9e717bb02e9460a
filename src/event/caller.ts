/**
 * Who made a call, as far as is known. `userIdentity` of the record is made of this (see user-identity.ts).
 * Every id and ARN is complete or absent: nothing is invented.
 */
export type Caller =
  | RootCaller
  | UserCaller
  | RoleSessionCaller
  | FederatedUserCaller
  | WebIdentityCaller
  | SamlCaller
  | ServiceCaller
  | OtherAccountCaller
  | AnonymousCaller
  | UnknownCaller;

/** Temporary credentials carry the session they came from. */
export interface SessionFacts {
  /** When the session began, ISO 8601 in whole seconds UTC; undefined where unknown: it is omitted then. */
  readonly creationDate?: string;
  readonly mfaAuthenticated?: boolean;
  readonly sourceIdentity?: string;
  readonly ec2RoleDelivery?: "1.0" | "2.0";
  /** The session is that of a member account's root user, from AssumeRoot. */
  readonly assumedRoot?: true;
  readonly webIdFederation?: { readonly federatedProvider: string; readonly attributes: Readonly<Record<string, string>> };
  readonly fromConsole?: boolean;
  /**
   * Session policies that were passed for the session, each the JSON text of a document or the ARN of a managed policy; one that
   * is not known whole is "". Absent where there are none. No record shows them.
   */
  readonly policies?: readonly string[];
  /**
   * Who began a role's session, under every name by which the role's trust policy may know them: account, ARNs, identity
   * provider. Absent where nobody knows. No record shows them.
   */
  readonly assumedBy?: readonly string[];
}

interface Keyed {
  readonly accountId: string;
  readonly accessKeyId?: string;
  /** The service through which the caller acted (`cloudformation.amazonaws.com`); undefined for direct calls. */
  readonly invokedBy?: string;
}

export interface RootCaller extends Keyed {
  readonly kind: "root";
  readonly accountAlias?: string;
  readonly session?: SessionFacts;
}

export interface UserCaller extends Keyed {
  readonly kind: "user";
  /** AIDA… */
  readonly principalId?: string;
  /** `arn:aws:iam::ACCOUNT:user/path/name` */
  readonly arn: string;
  readonly userName: string;
  /** Present only for temporary credentials of the user (GetSessionToken, console). */
  readonly session?: SessionFacts;
}

export interface RoleSessionCaller extends Keyed {
  readonly kind: "role-session";
  /** AROA… of the role, without session name. */
  readonly roleId?: string;
  /** ARN of the role with its path. */
  readonly roleArn: string;
  readonly roleName: string;
  readonly sessionName: string;
  readonly session: SessionFacts;
}

export interface FederatedUserCaller extends Keyed {
  readonly kind: "federated-user";
  readonly name: string;
  /** Who called GetFederationToken. */
  readonly issuer: RootCaller | UserCaller;
  readonly session: SessionFacts;
}

/** Caller of AssumeRoleWithWebIdentity: known by the token alone. */
export interface WebIdentityCaller {
  readonly kind: "web-identity";
  readonly accountId?: string;
  /** `issuer:appId:userId` */
  readonly principalId: string;
  readonly userName: string;
  readonly identityProvider: string;
}

export interface SamlCaller {
  readonly kind: "saml";
  readonly accountId?: string;
  /** `nameQualifier:subject` */
  readonly principalId: string;
  readonly userName: string;
  readonly identityProvider: string;
}

export interface ServiceCaller {
  readonly kind: "service";
  /** Account on whose behalf the service acted: the record's recipient. */
  readonly accountId: string;
  /** `cloudformation.amazonaws.com`: also the source address and agent of the record. */
  readonly invokedBy: string;
}

/** A caller of another account, as the owner of the resource sees it. */
export interface OtherAccountCaller {
  readonly kind: "other-account";
  readonly accountId: string;
  readonly principalId: string;
}

export interface AnonymousCaller {
  readonly kind: "anonymous";
}

export interface UnknownCaller {
  readonly kind: "unknown";
  readonly accountId?: string;
  readonly accessKeyId?: string;
}
