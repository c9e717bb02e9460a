import { accountOfKeyId } from "../../../aws/key-id.ts";
import { parsePrincipalArn } from "../../../aws/principal-arn.ts";
import type { TreeObject } from "../../../aws/tree.ts";
import type { ApiCall } from "../../../event/api-call.ts";
import { uniqueId } from "../holder-of.ts";
import type { KeyHolder } from "../learned-entry.ts";
import { isTrueAt, structureAt, structuresAt, textAt } from "../tree-members.ts";
import type { Classroom, Lesson } from "./lesson.ts";
import { learnOwnAccount, learnOwnKey, ownKey } from "./own-key.ts";

const NAME = /^[\w+=,.@-]{1,128}$/;

/** What IAM's answers teach (IAM API Reference), by operation. */
export const iamLessons: ReadonlyMap<string, Lesson> = new Map<string, Lesson>([
  ["CreateUser", (call, classroom) => principalShown("user", structureAt(call.output, "User"), call, classroom)],
  ["GetUser", getUser],
  ["ListUsers", principalsShown("user", "Users")],
  ["UpdateUser", updateUser],
  ["DeleteUser", principalDeleted("user", "UserName")],
  ["CreateAccessKey", createAccessKey],
  ["ListAccessKeys", listAccessKeys],
  ["GetAccessKeyLastUsed", getAccessKeyLastUsed],
  ["UpdateAccessKey", updateAccessKey],
  ["DeleteAccessKey", deleteAccessKey],
  ["CreateRole", (call, classroom) => principalShown("role", structureAt(call.output, "Role"), call, classroom)],
  ["CreateServiceLinkedRole", (call, classroom) => principalShown("role", structureAt(call.output, "Role"), call, classroom)],
  ["GetRole", (call, classroom) => principalShown("role", structureAt(call.output, "Role"), call, classroom)],
  ["ListRoles", principalsShown("role", "Roles")],
  ["DeleteRole", principalDeleted("role", "RoleName")],
  [
    "GetAccountAuthorizationDetails",
    (call, classroom) => {
      principalsShown("user", "UserDetailList")(call, classroom);
      principalsShown("role", "RoleDetailList")(call, classroom);
    },
  ],
]);

function principalShown(kind: "user" | "role", shown: TreeObject | undefined, call: ApiCall, classroom: Classroom): void {
  const arn = textAt(shown, "Arn");
  const principal = arn === undefined ? undefined : parsePrincipalArn(arn, call.accountId);
  if (arn === undefined || principal?.kind !== kind) return;
  const { accountId, name } = principal;
  const id = uniqueId(textAt(shown, kind === "user" ? "UserId" : "RoleId"));
  const learnedAt = call.completedAt;
  classroom.learned.putPrincipal(kind, { accountId, name, arn, learnedAt, ...(id === undefined ? {} : { id }) }, call.startedAt);
  learnOwnAccount(call, accountId, classroom);
}

function principalsShown(kind: "user" | "role", member: string): Lesson {
  return (call, classroom) => {
    for (const shown of structuresAt(call.output, member)) principalShown(kind, shown, call, classroom);
  };
}

function principalDeleted(kind: "user" | "role", member: string): Lesson {
  return (call, { learned }) => {
    const name = nameAt(call.input, member);
    if (name !== undefined) learned.forgetPrincipal(kind, call.accountId, name, call.completedAt);
  };
}

/** Without a name GetUser shows the user, or the root user, whose key signed the call. */
function getUser(call: ApiCall, classroom: Classroom): void {
  const shown = structureAt(call.output, "User");
  principalShown("user", shown, call, classroom);
  const arn = textAt(shown, "Arn");
  const principal = arn === undefined ? undefined : parsePrincipalArn(arn, call.accountId);
  if (principal === undefined || textAt(call.input, "UserName") !== undefined) return;
  const { accountId } = principal;
  if (principal.kind === "root") learnOwnKey(call, { accountId, owner: { kind: "root" } }, classroom);
  if (principal.kind === "user") learnOwnKey(call, { accountId, owner: { kind: "user", userName: principal.name } }, classroom);
}

function updateUser(call: ApiCall, { learned }: Classroom): void {
  const oldName = nameAt(call.input, "UserName");
  if (oldName === undefined) return;
  const { accountId } = call;
  const known = learned.user(accountId, oldName);
  const name = nameAt(call.input, "NewUserName") ?? oldName;
  const path = textAt(call.input, "NewPath", 512) ?? (known === undefined ? "/" : pathOf(known.arn));
  const arn = `arn:${known?.arn.split(":")[1] ?? "aws"}:iam::${accountId}:user${path}${name}`;
  if (parsePrincipalArn(arn)?.kind !== "user") return;
  learned.renameUser(oldName, {
    accountId,
    name,
    arn,
    learnedAt: call.completedAt,
    ...(known?.id === undefined ? {} : { id: known.id }),
  });
}

function createAccessKey(call: ApiCall, { learned, knows }: Classroom): void {
  const created = structureAt(call.output, "AccessKey");
  const accessKeyId = textAt(created, "AccessKeyId", 128);
  const owner = keyHolder(call, textAt(created, "UserName"));
  if (accessKeyId === undefined || owner === undefined) return;
  const caller = ownKey(call);
  // The new key belongs to the caller's account; of an unknown caller's, the key itself may know more than we do.
  const decoded = caller === undefined || knows(caller) ? undefined : accountOfKeyId(accessKeyId);
  const secretAccessKey = textAt(created, "SecretAccessKey");
  learned.putKey({
    accessKeyId,
    accountId: decoded ?? call.accountId,
    owner,
    active: textAt(created, "Status") !== "Inactive",
    learnedAt: call.startedAt,
    ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
  });
}

function listAccessKeys(call: ApiCall, { learned, now }: Classroom): void {
  const listed = new Set<string>();
  for (const shown of structuresAt(call.output, "AccessKeyMetadata")) {
    const accessKeyId = textAt(shown, "AccessKeyId", 128);
    const owner = keyHolder(call, textAt(shown, "UserName"));
    if (accessKeyId === undefined || owner === undefined) continue;
    listed.add(accessKeyId);
    const active = textAt(shown, "Status") !== "Inactive";
    const known = learned.key(accessKeyId, now);
    if (known !== undefined && known.active === active && JSON.stringify(known.owner) === JSON.stringify(owner)) continue;
    const { accountId } = known ?? call;
    learned.putKey({ ...known, accessKeyId, accountId, owner, active, learnedAt: call.startedAt });
  }
  const owner = keyHolder(call, undefined);
  const complete = !isTrueAt(call.output, "IsTruncated") && textAt(call.input, "Marker") === undefined;
  if (complete && owner?.kind === "user") learned.keepOnlyKeys(call.accountId, owner.userName, listed, call.startedAt);
}

function getAccessKeyLastUsed(call: ApiCall, { learned, knows }: Classroom): void {
  const accessKeyId = textAt(call.input, "AccessKeyId", 128);
  const userName = nameAt(call.output, "UserName");
  if (accessKeyId === undefined || userName === undefined || knows(accessKeyId)) return;
  const { accountId } = call;
  learned.putKey({ accessKeyId, accountId, owner: { kind: "user", userName }, active: true, learnedAt: call.startedAt });
}

function updateAccessKey(call: ApiCall, { learned }: Classroom): void {
  const accessKeyId = textAt(call.input, "AccessKeyId", 128);
  const status = textAt(call.input, "Status");
  if (accessKeyId !== undefined && status !== undefined) learned.setActive(accessKeyId, status === "Active");
}

function deleteAccessKey(call: ApiCall, { learned }: Classroom): void {
  const accessKeyId = textAt(call.input, "AccessKeyId", 128);
  if (accessKeyId !== undefined) learned.forgetKey(accessKeyId, call.completedAt);
}

/** The user that the answer names, else the one that the request names, else the caller. */
function keyHolder(call: ApiCall, shown: string | undefined): KeyHolder | undefined {
  const asked = nameAt(call.input, "UserName");
  if (shown === undefined && asked === undefined && call.caller.kind === "root") return { kind: "root" };
  const userName = shown ?? asked ?? (call.caller.kind === "user" ? call.caller.userName : undefined);
  return userName === undefined || !NAME.test(userName) ? undefined : { kind: "user", userName };
}

function nameAt(tree: TreeObject | undefined, member: string): string | undefined {
  const name = textAt(tree, member, 128);
  return name !== undefined && NAME.test(name) ? name : undefined;
}

function pathOf(userArn: string): string {
  return userArn.slice(userArn.indexOf("/"), userArn.lastIndexOf("/") + 1);
}
