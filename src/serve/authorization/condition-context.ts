import type { AccountDirectory } from "../../account/identities/account-directory.ts";
import type { Tag } from "../../account/trails/trail.ts";
import type { EndpointRequest } from "../../aws/endpoint.ts";
import type { Principal } from "../../aws/principal.ts";
import type { Access, AccessedResource } from "./access.ts";
import type { ConditionContext } from "./policy-evaluator.ts";

/** The parts of a request that conditions look at. */
export type ConditionSource = Pick<EndpointRequest, "headers" | "context">;

/**
 * The condition keys that AWS sets for such a call ("AWS global condition context keys", IAM User Guide; "Condition keys for
 * AWS CloudTrail", Service Authorization Reference). Not known here, and so absent: tags of principals, VPCs and endpoints.
 */
export function conditionContext(
  { headers, context }: ConditionSource,
  principal: Principal,
  { requestTags = [] }: Access,
  resource: AccessedResource | undefined,
  { accounts, now }: { readonly accounts: AccountDirectory; readonly now: number },
): ConditionContext {
  const { accountId } = principal;
  const organization = accounts.account(accountId)?.organization;
  return defined({
    "aws:CurrentTime": new Date(now).toISOString(),
    "aws:EpochTime": String(Math.floor(now / 1000)),
    "aws:RequestedRegion": context.region,
    "aws:SecureTransport": String(context.scheme === "https"),
    "aws:SourceIp": context.sourceIp,
    "aws:UserAgent": headerOf(headers, "user-agent"),
    "aws:referer": headerOf(headers, "referer"),
    "aws:PrincipalAccount": accountId,
    "aws:PrincipalArn": principalArn(principal, context.callerArn),
    "aws:PrincipalType": PRINCIPAL_TYPES[principal.kind],
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalOrgID": organization,
    "aws:ViaAWSService": "false",
    "aws:userid": context.callerId,
    "aws:username": principal.kind === "user" ? principal.name : undefined,
    ...sessionKeys(principal, now),
    "aws:ResourceAccount": accountId,
    "aws:ResourceOrgID": organization,
    ...tagKeys("aws:ResourceTag", resource?.tags ?? []),
    ...tagKeys("aws:RequestTag", requestTags),
    "aws:TagKeys": requestTags.length === 0 ? undefined : requestTags.map(({ key }) => key),
  });
}

const PRINCIPAL_TYPES = { root: "Account", user: "User", role: "AssumedRole", "federated-user": "FederatedUser" } as const;

/** For a session, the ARN of the role it is of. */
function principalArn(principal: Principal, callerArn: string | undefined): string | undefined {
  return principal.kind === "user" || principal.kind === "role" ? principal.arn : callerArn;
}

/** Long-term credentials have none of these. */
function sessionKeys({ session }: Principal, now: number): Readonly<Record<string, string | undefined>> {
  if (session === undefined) return {};
  const { issuedAt, mfaAuthenticated, sourceIdentity, federatedProvider } = session;
  const age = issuedAt === undefined ? Number.NaN : Math.max(0, Math.floor((now - Date.parse(issuedAt)) / 1000));
  return {
    "aws:MultiFactorAuthPresent": String(mfaAuthenticated === true),
    "aws:MultiFactorAuthAge": mfaAuthenticated === true && Number.isFinite(age) ? String(age) : undefined,
    "aws:TokenIssueTime": issuedAt,
    "aws:SourceIdentity": sourceIdentity,
    "aws:FederatedProvider": federatedProvider,
  };
}

function tagKeys(prefix: string, tags: readonly Tag[]): Readonly<Record<string, string>> {
  return Object.fromEntries(tags.map(({ key, value }) => [`${prefix}/${key}`, value ?? ""]));
}

function defined(keys: Readonly<Record<string, string | readonly string[] | undefined>>): ConditionContext {
  const known = Object.entries(keys).filter((entry): entry is [string, string | readonly string[]] => entry[1] !== undefined);
  return Object.fromEntries(known);
}

/** The first line of that name. */
function headerOf(lines: readonly string[], name: string): string | undefined {
  for (let at = 0; at < lines.length; at += 2) if (lines[at]?.toLowerCase() === name) return lines[at + 1];
  return undefined;
}
