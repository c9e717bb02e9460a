import { isoSeconds } from "../../../base/clock.ts";
import { parsePrincipalArn } from "../../../aws/principal-arn.ts";
import type { TreeObject } from "../../../aws/tree.ts";
import { localName, parseXml, type XmlElement } from "../../../aws/xml/parse-xml.ts";
import type { ApiCall } from "../../../event/api-call.ts";
import type { SessionFacts } from "../../../event/caller.ts";
import { holderOfCaller } from "../holder-of.ts";
import type { KeyHolder } from "../learned-entry.ts";
import { structureAt, textAt } from "../tree-members.ts";
import type { Classroom } from "./lesson.ts";
import { learnSessionKey, stsNames } from "./session-key.ts";

/**
 * `sso` GetRoleCredentials: the request names the account; neither it nor the answer names the role's ARN or the session, which wait for
 * GetCallerIdentity.
 */
export function getRoleCredentials(call: ApiCall, classroom: Classroom): void {
  const accountId = textAt(call.input, "accountId", 12);
  if (accountId === undefined || !/^\d{12}$/.test(accountId)) return;
  const session = { creationDate: isoSeconds(call.completedAt), mfaAuthenticated: false };
  learnSessionKey(
    call,
    structureAt(call.output, "roleCredentials"),
    { accountId, owner: { kind: "account" }, session },
    classroom,
    {
      accessKeyId: "accessKeyId",
      secretAccessKey: "secretAccessKey",
      sessionToken: "sessionToken",
      expiration: "expiration",
    },
  );
}

/** Sessions of Cognito's enhanced flow always have this name. */
const COGNITO_SESSION = "CognitoIdentityCredentials";
const COGNITO_PROVIDER = "cognito-identity.amazonaws.com";

/** `cognito-identity` GetCredentialsForIdentity: the role is known only where the request chose it. */
export function getCredentialsForIdentity(call: ApiCall, classroom: Classroom): void {
  const roleArn = textAt(call.input, "CustomRoleArn");
  const role = roleArn === undefined ? undefined : parsePrincipalArn(roleArn);
  const identityId = textAt(call.output, "IdentityId", 128) ?? textAt(call.input, "IdentityId", 128);
  const attributes: Record<string, string> = identityId === undefined ? {} : { [`${COGNITO_PROVIDER}:sub`]: identityId };
  const session: SessionFacts = {
    creationDate: isoSeconds(call.completedAt),
    mfaAuthenticated: false,
    webIdFederation: { federatedProvider: COGNITO_PROVIDER, attributes },
    assumedBy: [COGNITO_PROVIDER],
  };
  const owner: KeyHolder =
    role?.kind === "role" && roleArn !== undefined
      ? { kind: "role", roleArn, roleName: role.name, sessionName: COGNITO_SESSION }
      : { kind: "account" };
  const accountId = role?.accountId ?? call.accountId;
  const credentials = structureAt(call.output, "Credentials");
  learnSessionKey(call, credentials, { accountId, owner, session }, classroom, { ...stsNames, secretAccessKey: "SecretKey" });
}

/** `s3` CreateSession (directory buckets): a short-lived key of the same caller. S3's answers come undecoded. */
export function createSession(call: ApiCall, classroom: Classroom): void {
  const holding = holderOfCaller(call.caller);
  if (holding === undefined) return;
  const session = holding.session ?? { creationDate: isoSeconds(call.completedAt), mfaAuthenticated: false };
  const credentials = structureAt(call.output, "Credentials") ?? credentialsIn(call.response?.body);
  learnSessionKey(call, credentials, { ...holding, session }, classroom);
}

function credentialsIn(body: Uint8Array | undefined): TreeObject | undefined {
  if (body === undefined) return undefined;
  let root: XmlElement;
  try {
    root = parseXml(body);
  } catch {
    return undefined;
  }
  const found = root.children.find(({ name }) => localName(name) === "Credentials") ?? root;
  const credentials: Record<string, string | Date> = Object.create(null);
  for (const { name, text } of found.children)
    credentials[localName(name)] = localName(name) === "Expiration" ? new Date(text) : text;
  return credentials;
}
