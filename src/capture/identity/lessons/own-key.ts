import type { ApiCall } from "../../../event/api-call.ts";
import type { Holding } from "../holder-of.ts";
import type { KeyHolder } from "../learned-entry.ts";
import type { Classroom } from "./lesson.ts";

/** AWS lets no session last longer: 36 hours, for GetSessionToken and GetFederationToken. */
export const LONGEST_SESSION_MILLISECONDS = 36 * 3_600_000;

/** The access key that signed the call; undefined where there was none. */
export function ownKey(call: ApiCall): string | undefined {
  return "accessKeyId" in call.caller ? call.caller.accessKeyId : undefined;
}

/** An answer says who the caller is. A better known session of the same holder keeps its facts. */
export function learnOwnKey(call: ApiCall, { accountId, owner }: Holding, { learned, now }: Classroom): void {
  const accessKeyId = ownKey(call);
  if (accessKeyId === undefined) return;
  const known = learned.key(accessKeyId, now);
  if (known !== undefined) {
    if (owner.kind === "account" && (known.owner.kind !== "account" || known.accountId === accountId)) return;
    const merged = known.accountId === accountId ? mergeHolders(known.owner, owner) : owner;
    if (known.accountId === accountId && JSON.stringify(merged) === JSON.stringify(known.owner)) return;
    learned.putKey({ ...known, accountId, owner: merged, learnedAt: call.startedAt });
    return;
  }
  const temporary = accessKeyId.startsWith("ASIA") || hasSessionToken(call);
  const expiry = temporary ? { session: {}, expiresAt: call.startedAt + LONGEST_SESSION_MILLISECONDS } : {};
  learned.putKey({ accessKeyId, accountId, owner, active: true, learnedAt: call.startedAt, ...expiry });
}

/** IAM's ARNs are always of the caller's own account: they tell the account of a key that nobody knows. */
export function learnOwnAccount(call: ApiCall, accountId: string, classroom: Classroom): void {
  const accessKeyId = ownKey(call);
  if (accessKeyId === undefined || accountId === call.accountId || classroom.knows(accessKeyId)) return;
  learnOwnKey(call, { accountId, owner: { kind: "account" } }, classroom);
}

/** GetCallerIdentity does not tell a role's path; AssumeRole does. */
function mergeHolders(known: KeyHolder, told: KeyHolder): KeyHolder {
  if (known.kind !== "role" || told.kind !== "role" || known.roleName !== told.roleName) return told;
  return { ...known, ...told };
}

function hasSessionToken(call: ApiCall): boolean {
  return (
    call.request.headers.has("x-amz-security-token") ||
    call.request.query.some(([name]) => name.toLowerCase() === "x-amz-security-token")
  );
}
