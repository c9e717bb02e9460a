import { bareObject } from "../aws/bare-object.ts";
import { isoSeconds } from "../base/clock.ts";
import { hidden } from "../aws/catalogue/facts/redactions.ts";
import type { Member, Shape, StructureShape, Traits } from "../aws/catalogue/model.ts";
import type { Json, JsonObject, Tree, TreeObject } from "../aws/tree.ts";

/** How one service's members are named in its records. */
export type MemberCase = "lower-first" | "as-modelled";

/** Turns a decoded value into what the record shows of it; undefined where it shows nothing. */
type Project = (value: Tree) => Json | undefined;

interface MemberPlan {
  readonly name: string;
  readonly shownName: string;
  readonly project: Project;
}

interface Mode {
  readonly memberCase: MemberCase;
  /** Everything below stands in a sensitive member. */
  readonly hide: boolean;
}

/** Plans are made once a shape, on first use, and live as long as the catalogue. */
const plans = new WeakMap<Shape, Map<string, Project>>();

/**
 * What the record shows of a decoded structure: members in the model's order, renamed, blobs and streams left out, what the
 * model calls sensitive hidden. Map keys keep the caller's case. Null for an empty tree. Session tokens pass: whether they
 * are shown is decided by the redaction rules.
 */
export function projectStructure(shape: StructureShape, tree: TreeObject, memberCase: MemberCase): JsonObject | null {
  const shown = planOf(shape, { memberCase, hide: shape.traits.sensitive === true })(tree);
  if (shown === undefined || !isObject(shown)) return null;
  for (const _ in shown) return shown;
  return null;
}

/** The first letter in lower case, the rest as it is: `DBInstanceIdentifier` → `dBInstanceIdentifier`. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function planOf(shape: Shape, mode: Mode): Project {
  const key = mode.hide ? `${mode.memberCase} hidden` : mode.memberCase;
  let byMode = plans.get(shape);
  if (byMode === undefined) plans.set(shape, (byMode = new Map()));
  let plan = byMode.get(key);
  // Shapes may contain themselves: the plan is registered before anybody asks it for its parts.
  if (plan === undefined) byMode.set(key, (plan = compile(shape, mode)));
  return plan;
}

function compile(shape: Shape, mode: Mode): Project {
  switch (shape.kind) {
    case "structure": {
      let members: readonly MemberPlan[] | undefined;
      return (value) => {
        members ??= [...shape.members.values()].flatMap((member) => memberPlan(member, mode));
        return projectMembers(members, value);
      };
    }
    case "list": {
      let element: Project | undefined;
      return (value) => {
        if (!isArray(value)) return undefined;
        element ??= elementPlan(shape.member, mode);
        return projectAll(value, element);
      };
    }
    case "map": {
      let entry: Project | undefined;
      const closed = mode.hide || shape.key.traits.sensitive === true;
      return (value) => {
        if (!isObject(value)) return undefined;
        entry ??= elementPlan(shape.value, mode);
        return closed ? bareObject<Json>() : projectEntries(value, entry);
      };
    }
    case "blob":
      return () => undefined;
    default:
      return mode.hide ? (value) => (value === null ? undefined : hidden) : plainJson;
  }
}

function memberPlan(member: Member, mode: Mode): MemberPlan[] {
  if (isTransport(member.traits)) return [];
  return [
    {
      name: member.name,
      shownName: mode.memberCase === "lower-first" ? lowerFirst(member.name) : member.name,
      project: elementPlan(member, mode),
    },
  ];
}

function elementPlan(member: Member, mode: Mode): Project {
  const sensitive = member.traits.sensitive === true && !isSessionToken(member.name);
  return planOf(member.target, mode.hide || !sensitive ? mode : { ...mode, hide: true });
}

/** Members that are HTTP's business, not the call's: bodies, prefixed headers, status codes. */
function isTransport(traits: Traits): boolean {
  return (
    traits.streaming === true ||
    traits.eventStream === true ||
    traits.httpPrefixHeaders !== undefined ||
    traits.httpResponseCode === true
  );
}

function isSessionToken(name: string): boolean {
  return name === "SessionToken" || name === "sessionToken";
}

function projectMembers(members: readonly MemberPlan[], value: Tree): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  // Names come from the model here, so an ordinary object is safe, and faster to write.
  const shown: Record<string, Json> = {};
  for (const { name, shownName, project } of members) {
    const member = value[name];
    if (member === undefined || member === null) continue;
    const json = project(member);
    if (json !== undefined) shown[shownName] = json;
  }
  return shown;
}

function projectAll(values: readonly Tree[], project: Project): Json[] {
  const shown: Json[] = [];
  for (const value of values) {
    const json = value === null ? null : project(value);
    if (json !== undefined) shown.push(json);
  }
  return shown;
}

function projectEntries(values: TreeObject, project: Project): JsonObject {
  const shown = bareObject<Json>();
  for (const key in values) {
    const value = values[key];
    if (value === undefined || value === null) continue;
    const json = project(value);
    if (json !== undefined) shown[key] = json;
  }
  return shown;
}

/** A value as JSON says it: dates in whole seconds UTC, integers beyond a double's exactness as text, no bytes. */
function plainJson(value: Tree): Json | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value.toString();
    default:
      if (value === null || value instanceof Uint8Array) return undefined;
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : isoSeconds(value.getTime());
      return isArray(value) ? projectAll(value, plainJson) : projectEntries(value, plainJson);
  }
}

function isArray(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject;
function isObject(value: Tree): value is TreeObject;
function isObject(value: Tree | Json): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date)
  );
}
