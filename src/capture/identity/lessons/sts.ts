import { isoSeconds } from "../../../base/clock.ts";
import { parsePrincipalArn } from "../../../aws/principal-arn.ts";
import type { ApiCall } from "../../../event/api-call.ts";
import type { SessionFacts } from "../../../event/caller.ts";
import { holderOfArn, holderOfCaller, type Holding, issuerOf, uniqueId } from "../holder-of.ts";
import { structureAt, textAt } from "../tree-members.ts";
import { webIdFederationOf } from "../web-identity.ts";
import { assumedByOf } from "./assumed-by.ts";
import type { Classroom, Lesson } from "./lesson.ts";
import { learnOwnKey } from "./own-key.ts";
import { learnSessionKey } from "./session-key.ts";
import { sessionPoliciesOf } from "./session-policies.ts";

/** What STS's answers teach (STS API Reference), by operation. */
export const stsLessons: ReadonlyMap<string, Lesson> = new Map<string, Lesson>([
  [
    "AssumeRole",
    (call, classroom) => assumeRole(call, classroom, { mfaAuthenticated: hasMfaCode(call), ...sourceIdentityOf(call) }),
  ],
  [
    "AssumeRoleWithSAML",
    (call, classroom) => assumeRole(call, classroom, { mfaAuthenticated: false, ...sourceIdentityOf(call) }),
  ],
  ["AssumeRoleWithWebIdentity", assumeRoleWithWebIdentity],
  ["AssumeRoot", assumeRoot],
  ["GetSessionToken", getSessionToken],
  ["GetFederationToken", getFederationToken],
  ["GetCallerIdentity", getCallerIdentity],
  ["GetAccessKeyInfo", getAccessKeyInfo],
]);

function assumeRole(call: ApiCall, classroom: Classroom, facts: SessionFacts): void {
  const began = roleSessionOf(call, classroom);
  const holding = began ?? holderOfCaller(call.caller) ?? { accountId: call.accountId, owner: { kind: "account" as const } };
  const creationDate = isoSeconds(call.completedAt);
  const bounds = began === undefined ? furtherBounds(call) : { ...sessionPoliciesOf(call), ...assumedByOf(call) };
  const session = { creationDate, ...facts, ...bounds };
  learnSessionKey(call, structureAt(call.output, "Credentials"), { ...holding, session }, classroom);
}

/** Of further credentials of the caller: it may do no more with them than it may now. */
function furtherBounds(call: ApiCall): Pick<SessionFacts, "policies" | "assumedBy"> {
  const now = "session" in call.caller ? call.caller.session : undefined;
  return {
    // Both sets would have to allow: that nobody can say of one set, so that such a session may do nothing.
    ...(now?.policies === undefined ? sessionPoliciesOf(call) : { policies: [""] }),
    ...(now?.assumedBy === undefined ? {} : { assumedBy: now.assumedBy }),
  };
}

/**
 * The role session that the call began. The request alone tells the role's path, the answer alone its id. Undefined where the answer
 * names no role: MinIO takes any role for an answer and gives out further credentials of the caller.
 */
function roleSessionOf(call: ApiCall, { learned }: Classroom): Holding | undefined {
  const assumed = structureAt(call.output, "AssumedRoleUser");
  const shownArn = textAt(assumed, "Arn");
  if (shownArn === undefined) return undefined;
  const shown = parsePrincipalArn(shownArn, call.accountId);
  const roleArn = textAt(call.input, "RoleArn") ?? "";
  const asked = parsePrincipalArn(roleArn, call.accountId);
  const askedRole = asked?.kind === "role" ? asked : undefined;
  const shownRole = shown?.kind === "assumed-role" ? shown : undefined;
  const accountId = shownRole?.accountId ?? askedRole?.accountId;
  const roleName = shownRole?.name ?? askedRole?.name;
  const sessionName = shownRole?.sessionName ?? textAt(call.input, "RoleSessionName", 64);
  if (accountId === undefined || roleName === undefined || sessionName === undefined) return undefined;

  const roleId = uniqueId(textAt(assumed, "AssumedRoleId")?.split(":", 1)[0]);
  const known = roleId === undefined ? {} : { roleId };
  if (askedRole?.name !== roleName || askedRole.accountId !== accountId) {
    return { accountId, owner: { kind: "role", roleName, sessionName, ...known } };
  }
  const role = {
    accountId,
    name: roleName,
    arn: roleArn,
    learnedAt: call.completedAt,
    ...(roleId === undefined ? {} : { id: roleId }),
  };
  learned.putPrincipal("role", role, call.startedAt);
  return { accountId, owner: { kind: "role", roleName, sessionName, roleArn, ...known } };
}

function assumeRoleWithWebIdentity(call: ApiCall, classroom: Classroom): void {
  const webIdFederation = webIdFederationOf(call.input, call.output);
  const federation = webIdFederation === undefined ? {} : { webIdFederation };
  assumeRole(call, classroom, { mfaAuthenticated: false, ...sourceIdentityOf(call), ...federation });
}

/** `TargetPrincipal` is the member account, as its number or as the ARN of its root user. */
function assumeRoot(call: ApiCall, classroom: Classroom): void {
  const target = textAt(call.input, "TargetPrincipal") ?? "";
  const accountId = /^\d{12}$/.test(target) ? target : parsePrincipalArn(target)?.accountId;
  if (accountId === undefined) return;
  const creationDate = isoSeconds(call.completedAt);
  const session: SessionFacts = { creationDate, mfaAuthenticated: false, ...sourceIdentityOf(call), assumedRoot: true };
  learnSessionKey(call, structureAt(call.output, "Credentials"), { accountId, owner: { kind: "root" }, session }, classroom);
}

function getSessionToken(call: ApiCall, classroom: Classroom): void {
  const holding = holderOfCaller(call.caller);
  if (holding === undefined) return;
  const session = { creationDate: isoSeconds(call.completedAt), mfaAuthenticated: hasMfaCode(call) };
  learnSessionKey(call, structureAt(call.output, "Credentials"), { ...holding, session }, classroom);
}

function getFederationToken(call: ApiCall, classroom: Classroom): void {
  const { caller } = call;
  const shown = parsePrincipalArn(textAt(structureAt(call.output, "FederatedUser"), "Arn") ?? "", call.accountId);
  const name = shown?.kind === "federated-user" ? shown.name : textAt(call.input, "Name", 64);
  const accountId = shown?.accountId ?? call.accountId;
  const issued = (caller.kind === "user" || caller.kind === "root") && name !== undefined;
  const owner = issued ? ({ kind: "federated", name, issuer: issuerOf(caller) } as const) : ({ kind: "account" } as const);
  const session = { creationDate: isoSeconds(call.completedAt), mfaAuthenticated: false, ...sessionPoliciesOf(call) };
  learnSessionKey(call, structureAt(call.output, "Credentials"), { accountId, owner, session }, classroom);
}

function getCallerIdentity(call: ApiCall, classroom: Classroom): void {
  const { output } = call;
  const arn = textAt(output, "Arn");
  const userId = textAt(output, "UserId");
  const holding = holderOfArn(arn, userId, textAt(output, "Account"), call.accountId);
  if (holding === undefined) return;
  const { accountId, owner } = holding;
  if (owner.kind === "user" && arn !== undefined) {
    // IAM's own answers are better placed to say that a user was replaced by another of the same name.
    const id = classroom.learned.user(accountId, owner.userName)?.id ?? uniqueId(userId);
    const principal = { accountId, name: owner.userName, arn, learnedAt: call.completedAt, ...(id === undefined ? {} : { id }) };
    classroom.learned.putPrincipal("user", principal, call.startedAt);
  }
  learnOwnKey(call, holding, classroom);
}

/** Tells the account of any key. */
function getAccessKeyInfo(call: ApiCall, { learned, knows }: Classroom): void {
  const accessKeyId = textAt(call.input, "AccessKeyId", 128);
  const accountId = textAt(call.output, "Account", 12);
  if (accessKeyId === undefined || accountId === undefined || !/^\d{12}$/.test(accountId) || knows(accessKeyId)) return;
  learned.putKey({ accessKeyId, accountId, owner: { kind: "account" }, active: true, learnedAt: call.startedAt });
}

function hasMfaCode(call: ApiCall): boolean {
  return textAt(call.input, "SerialNumber") !== undefined && textAt(call.input, "TokenCode") !== undefined;
}

/** Set by the request (or by the assertion, shown in the answer); in a chain of roles it stays what it was. */
function sourceIdentityOf(call: ApiCall): Pick<SessionFacts, "sourceIdentity"> {
  const inherited = "session" in call.caller ? call.caller.session?.sourceIdentity : undefined;
  const sourceIdentity = textAt(call.output, "SourceIdentity", 64) ?? textAt(call.input, "SourceIdentity", 64) ?? inherited;
  return sourceIdentity === undefined ? {} : { sourceIdentity };
}
