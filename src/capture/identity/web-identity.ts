import { parsePrincipalArn } from "../../aws/principal-arn.ts";
import type { TreeObject } from "../../aws/tree.ts";
import type { SessionFacts, WebIdentityCaller } from "../../event/caller.ts";
import { structureAt, textAt } from "./tree-members.ts";

/** STS takes web identity tokens of 4 to 20,000 characters. */
const LONGEST_TOKEN = 20_000;
/** OpenID Connect Core, section 2: a subject has at most 255 characters. Others are no longer in practice. */
const LONGEST_CLAIM = 2048;

/** Providers that STS trusts without an OIDC provider in the account: they are recorded by name. */
const BUILT_IN = new Set(["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"]);

/** Facts that stand beside the token: in the request, and in the answer of a successful call, whose word counts more. */
export interface WebIdentityFacts {
  /** The role that is asked for: its account holds the OIDC provider. */
  readonly roleArn?: string | undefined;
  /** `ProviderId` of OAuth 2.0 access tokens (`www.amazon.com`), which tell nothing themselves. */
  readonly providerId?: string | undefined;
  readonly provider?: string | undefined;
  readonly audience?: string | undefined;
  readonly subject?: string | undefined;
}

/**
 * The caller of AssumeRoleWithWebIdentity, by the claims of its token (`iss`, `aud`, `sub`). The token's signature is not checked: the
 * service that answers does that. Undefined where provider or subject cannot be read.
 */
export function callerFromWebIdentityToken(
  token: string | undefined,
  facts: WebIdentityFacts = {},
): WebIdentityCaller | undefined {
  const claims = token === undefined ? undefined : claimsOf(token);
  const issuer = facts.provider ?? claims?.issuer ?? facts.providerId;
  const subject = facts.subject ?? claims?.subject;
  if (issuer === undefined || subject === undefined) return undefined;
  const identityProvider = providerName(issuer, facts.roleArn);
  const audience = facts.audience ?? claims?.audience ?? "";
  return { kind: "web-identity", principalId: `${identityProvider}:${audience}:${subject}`, userName: subject, identityProvider };
}

/** As `callerFromWebIdentityToken`, from input and output of the call. */
export function webIdentityCallerOf(
  input: TreeObject | undefined,
  output: TreeObject | undefined,
): WebIdentityCaller | undefined {
  return callerFromWebIdentityToken(textAt(input, "WebIdentityToken", LONGEST_TOKEN), {
    roleArn: textAt(input, "RoleArn"),
    providerId: textAt(input, "ProviderId"),
    provider: textAt(output, "Provider"),
    audience: textAt(output, "Audience"),
    subject: textAt(output, "SubjectFromWebIdentityToken"),
  });
}

/** `webIdFederationData` of the session that the call begins. AWS shows attributes for its built-in providers alone. */
export function webIdFederationOf(
  input: TreeObject | undefined,
  output: TreeObject | undefined,
): SessionFacts["webIdFederation"] {
  const caller = webIdentityCallerOf(input, output);
  if (caller === undefined || structureAt(output, "Credentials") === undefined) return undefined;
  const provider = caller.identityProvider;
  if (!BUILT_IN.has(provider)) return { federatedProvider: provider, attributes: {} };
  const audience = caller.principalId.slice(provider.length + 1, -caller.userName.length - 1);
  return {
    federatedProvider: provider,
    attributes: { ...(audience === "" ? {} : { [`${provider}:aud`]: audience }), [`${provider}:sub`]: caller.userName },
  };
}

/** The ARN of the OIDC provider in the role's account; the bare name of built-in providers and where no role is named. */
function providerName(issuer: string, roleArn: string | undefined): string {
  if (issuer.startsWith("arn:")) return issuer;
  const name = issuer.replace(/^https?:\/\//, "");
  const role = BUILT_IN.has(name) || roleArn === undefined ? undefined : parsePrincipalArn(roleArn);
  return role === undefined ? name : `arn:${role.partition}:iam::${role.accountId}:oidc-provider/${name}`;
}

interface Claims {
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly audience: string | undefined;
}

/** Undefined for what is no JWT (RFC 7519): three base64url parts, the second a JSON object. */
function claimsOf(token: string): Claims | undefined {
  if (token.length > LONGEST_TOKEN) return undefined;
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token)?.[1];
  if (payload === undefined) return undefined;
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) return undefined;
  const members = new Map(Object.entries(claims));
  const audiences: unknown = members.get("aud");
  return {
    issuer: claim(members.get("iss")),
    subject: claim(members.get("sub")),
    audience: claim(Array.isArray(audiences) ? audiences[0] : audiences),
  };
}

function claim(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= LONGEST_CLAIM ? value : undefined;
}
