import { bareObject } from "../aws/bare-object.ts";
import type { Json, JsonObject } from "../aws/tree.ts";
import { type Partition, partitionOf } from "../aws/region.ts";
import type { Caller, RootCaller, SessionFacts, UserCaller } from "./caller.ts";
import { truncateUtf8 } from "./limits.ts";

/** Token claims that are shown at most: AWS shows a handful, a hostile token may carry thousands. */
const MAX_CLAIMS = 16;

export interface IdentityContext {
  /** Catalogue id of the service called: S3 has a form of its own for anonymous callers. */
  readonly serviceId: string;
  /** Decides the partition of ARNs that are made here. */
  readonly region: string;
}

interface Shown {
  readonly isS3: boolean;
  readonly partition: Partition;
  readonly identity: JsonObject;
}

/** As each caller was shown last: whoever calls, calls again. */
const shownLast = new WeakMap<Caller, Shown>();

/**
 * The record's `userIdentity`, members in AWS's order; what is not known is absent. The same object again for the same caller and
 * context, as a rule. Source: "CloudTrail userIdentity element".
 */
export function userIdentity(caller: Caller, context: IdentityContext): JsonObject {
  const isS3 = context.serviceId === "s3";
  const partition = partitionOf(context.region);
  const known = shownLast.get(caller);
  if (known?.isS3 === isS3 && known.partition === partition) return known.identity;
  const identity = identityOf(caller, context);
  shownLast.set(caller, { isS3, partition, identity });
  return identity;
}

function identityOf(caller: Caller, context: IdentityContext): JsonObject {
  switch (caller.kind) {
    case "root":
      return object([
        ["type", "Root"],
        ["principalId", caller.accountId],
        ["arn", rootArn(caller, context)],
        ["accountId", caller.accountId],
        ["accessKeyId", caller.accessKeyId],
        ["userName", caller.accountAlias],
        ["sessionContext", caller.session && sessionContext(undefined, caller.session)],
        ["invokedBy", caller.invokedBy],
      ]);
    case "user":
      return object([
        ["type", "IAMUser"],
        ["principalId", caller.principalId],
        ["arn", caller.arn],
        ["accountId", caller.accountId],
        ["accessKeyId", caller.accessKeyId],
        ["userName", caller.userName],
        ["sessionContext", caller.session && sessionContext(undefined, caller.session)],
        ["invokedBy", caller.invokedBy],
      ]);
    case "role-session":
      return object([
        ["type", "AssumedRole"],
        ["principalId", caller.roleId && `${caller.roleId}:${caller.sessionName}`],
        // The session's ARN drops the role's path; the issuer's keeps it.
        ["arn", `${arnPrefix("sts", caller.accountId, context)}:assumed-role/${caller.roleName}/${caller.sessionName}`],
        ["accountId", caller.accountId],
        ["accessKeyId", caller.accessKeyId],
        [
          "sessionContext",
          sessionContext(
            object([
              ["type", "Role"],
              ["principalId", caller.roleId],
              ["arn", caller.roleArn],
              ["accountId", accountOfArn(caller.roleArn) ?? caller.accountId],
              ["userName", caller.roleName],
            ]),
            caller.session,
          ),
        ],
        ["invokedBy", caller.invokedBy],
      ]);
    case "federated-user":
      return object([
        ["type", "FederatedUser"],
        ["principalId", `${caller.accountId}:${caller.name}`],
        ["arn", `${arnPrefix("sts", caller.accountId, context)}:federated-user/${caller.name}`],
        ["accountId", caller.accountId],
        ["accessKeyId", caller.accessKeyId],
        ["sessionContext", sessionContext(federationIssuer(caller.issuer, context), caller.session)],
        ["invokedBy", caller.invokedBy],
      ]);
    case "web-identity":
      return object([
        ["type", "WebIdentityUser"],
        ["principalId", caller.principalId],
        ["accountId", caller.accountId],
        ["userName", caller.userName],
        ["identityProvider", caller.identityProvider],
      ]);
    case "saml":
      return object([
        ["type", "SAMLUser"],
        ["principalId", caller.principalId],
        ["accountId", caller.accountId],
        ["userName", caller.userName],
        ["identityProvider", caller.identityProvider],
      ]);
    case "service":
      return object([
        ["type", "AWSService"],
        ["invokedBy", caller.invokedBy],
      ]);
    case "other-account":
      return object([
        ["type", "AWSAccount"],
        ["principalId", caller.principalId],
        ["accountId", caller.accountId],
      ]);
    case "anonymous":
      // S3 speaks of an anonymous account; Cognito and Identity Center of an unknown caller (the literals are unconfirmed).
      return context.serviceId === "s3" ? { type: "AWSAccount", principalId: "", accountId: "anonymous" } : { type: "Unknown" };
    case "unknown":
      return object([
        ["type", "Unknown"],
        ["accountId", caller.accountId],
        ["accessKeyId", caller.accessKeyId],
      ]);
  }
}

/** `userIdentity` of an AwsServiceEvent: the account and the service, without a type. */
export function serviceEventIdentity(accountId: string, invokedBy: string): JsonObject {
  return object([
    ["accountId", accountId],
    ["invokedBy", invokedBy],
  ]);
}

/** The service that made the call or through which it was made; undefined for direct calls. */
export function invokingService(caller: Caller): string | undefined {
  return "invokedBy" in caller ? caller.invokedBy : undefined;
}

/** Present for callers with temporary credentials. */
export function sessionOf(caller: Caller): SessionFacts | undefined {
  return "session" in caller ? caller.session : undefined;
}

function sessionContext(sessionIssuer: JsonObject | undefined, session: SessionFacts): JsonObject | undefined {
  const attributes = object([
    ["creationDate", session.creationDate],
    ["mfaAuthenticated", session.mfaAuthenticated === undefined ? undefined : String(session.mfaAuthenticated)],
  ]);
  const federation = session.webIdFederation;
  const context = object([
    ["sessionIssuer", sessionIssuer],
    [
      "webIdFederationData",
      federation &&
        object([
          ["federatedProvider", federation.federatedProvider],
          ["attributes", claims(federation.attributes)],
        ]),
    ],
    ["attributes", isEmpty(attributes) ? undefined : attributes],
    ["ec2RoleDelivery", session.ec2RoleDelivery],
    ["sourceIdentity", session.sourceIdentity],
    // A string like its neighbour mfaAuthenticated; unconfirmed.
    ["assumedRoot", session.assumedRoot === true ? "true" : undefined],
  ]);
  return isEmpty(context) ? undefined : context;
}

function federationIssuer(issuer: RootCaller | UserCaller, context: IdentityContext): JsonObject {
  if (issuer.kind === "root") {
    return object([
      ["type", "Root"],
      ["principalId", issuer.accountId],
      ["arn", rootArn(issuer, context)],
      ["accountId", issuer.accountId],
    ]);
  }
  return object([
    ["type", "IAMUser"],
    ["principalId", issuer.principalId],
    ["arn", issuer.arn],
    ["accountId", issuer.accountId],
    ["userName", issuer.userName],
  ]);
}

function rootArn(caller: RootCaller, context: IdentityContext): string {
  return `${arnPrefix("iam", caller.accountId, context)}:root`;
}

function arnPrefix(service: string, accountId: string, context: IdentityContext): string {
  return `arn:${partitionOf(context.region).id}:${service}::${accountId}`;
}

function accountOfArn(arn: string): string | undefined {
  const account = arn.split(":", 5)[4];
  return account === "" ? undefined : account;
}

/** Names come from a token here: no prototype. */
function claims(attributes: Readonly<Record<string, string>>): JsonObject {
  const shown = bareObject<Json>();
  for (const [name, value] of Object.entries(attributes).slice(0, MAX_CLAIMS)) shown[truncateUtf8(name)] = truncateUtf8(value);
  return shown;
}

function object(members: readonly (readonly [string, Json | undefined])[]): JsonObject {
  const result: Record<string, Json> = {};
  for (const [name, value] of members) {
    if (value !== undefined) result[name] = typeof value === "string" ? truncateUtf8(value) : value;
  }
  return result;
}

function isEmpty(value: JsonObject): boolean {
  for (const _ in value) return false;
  return true;
}
