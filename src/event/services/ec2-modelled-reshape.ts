import { bareObject } from "../../aws/bare-object.ts";
import type { Json, JsonObject } from "../../aws/tree.ts";

type Writable = Record<string, Json>;
type Reshape = (shown: Writable) => void;

/** Moves members to where the SOAP interface had them; `shown` is changed in place. */
export function reshapeEc2Request(operation: string, shown: Writable): void {
  if (Object.hasOwn(reshapes, operation)) reshapes[operation]?.(shown);
}

const reshapes: Readonly<Record<string, Reshape>> = {
  RunInstances(shown) {
    const item = take(shown, ["imageId", "minCount", "maxCount", "keyName"]);
    shown["instancesSet"] = { items: [item] };
    flattenPlacement(shown);
  },
  CreateVolume(shown) {
    if (typeof shown["size"] === "number") shown["size"] = String(shown["size"]);
  },
  ModifyImageAttribute(shown) {
    permissionChange(shown, "launchPermission");
    if (shown["launchPermission"] !== undefined) shown["attributeType"] = "launchPermission";
  },
  ModifySnapshotAttribute(shown) {
    permissionChange(shown, "createVolumePermission");
    if (shown["createVolumePermission"] !== undefined) shown["attributeType"] = "CREATE_VOLUME_PERMISSION";
  },
};

/** Zone and tenancy stand beside the instance type. (Unconfirmed for the other members of the placement.) */
function flattenPlacement(shown: Writable): void {
  const placement = shown["placement"];
  if (!isObject(placement)) return;
  delete shown["placement"];
  for (const [name, value] of Object.entries(placement)) shown[name] ??= value;
}

/** The older way to say it, operation type and lists of users and groups, is recorded like the newer one. */
function permissionChange(shown: Writable, member: string): void {
  const type = shown["operationType"];
  const users = elements(shown["userIdSet"], "userId");
  const groups = elements(shown["securityGroupSet"] ?? shown["userGroupSet"], "groupName", "userGroup");
  if (shown[member] !== undefined || (type !== "add" && type !== "remove") || users.length + groups.length === 0) return;
  take(shown, ["operationType", "userIdSet", "userGroupSet", "securityGroupSet"]);
  const items = [...users.map((userId) => ({ userId })), ...groups.map((group) => ({ group }))];
  shown[member] = { [type]: { items } };
}

function elements(set: Json | undefined, ...names: readonly string[]): Json[] {
  const items = isObject(set) ? set["items"] : undefined;
  if (!Array.isArray(items)) return [];
  return (items as readonly Json[]).flatMap((item) => {
    const name = isObject(item) ? names.find((candidate) => item[candidate] !== undefined) : undefined;
    const value = name === undefined || !isObject(item) ? undefined : item[name];
    return value === undefined ? [] : [value];
  });
}

function take(shown: Writable, names: readonly string[]): JsonObject {
  const taken: Writable = bareObject();
  for (const name of names) {
    const value = shown[name];
    if (value === undefined) continue;
    taken[name] = value;
    delete shown[name];
  }
  return taken;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
