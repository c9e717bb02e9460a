import { bareObject } from "../aws/bare-object.ts";
import { type Redaction, redactionsFor } from "../aws/catalogue/facts/redactions.ts";
import type { Json, JsonObject } from "../aws/tree.ts";

type Action = Redaction["action"];
type Side = "request" | "response";

/** One segment of a path. */
type Step =
  | { readonly kind: "descendants" }
  | { readonly kind: "any" }
  /** `other` is the name with its first letter in the other case, where that counts too; `each` stands for the elements. */
  | { readonly kind: "member"; readonly name: string; readonly other: string | undefined; readonly each: boolean };

/** Rules in a form that one walk can apply: names that count at any depth, and all other paths. */
interface Compiled {
  readonly anywhere: ReadonlyMap<string, Action>;
  readonly paths: readonly { readonly steps: readonly Step[]; readonly action: Action }[];
}

/** By rule list and side: the table hands out the same list for the same operation. */
const compiledRules = new WeakMap<readonly Redaction[], Partial<Record<Side, Compiled>>>();

/** What `redactionsFor` answers when session tokens are shown is made anew each time; kept here. */
const withSessionTokens = new WeakMap<readonly Redaction[], readonly Redaction[]>();

export interface RedactOptions {
  readonly showSessionTokens: boolean;
}

/** `value` without what a record of the operation must not show. Shares with the argument whatever did not change. */
export function redact(
  value: JsonObject,
  side: Side,
  serviceId: string,
  operationName: string,
  options: RedactOptions,
): JsonObject {
  const { anywhere, paths } = rulesOf(side, serviceId, operationName, options);
  let result: Json | undefined = redactAnywhere(value, anywhere);
  for (const { steps, action } of paths) result = redactPath(result ?? {}, steps, 0, action);
  return isObject(result) ? result : {};
}

function rulesOf(side: Side, serviceId: string, operationName: string, options: RedactOptions): Compiled {
  let rules = redactionsFor(serviceId, operationName);
  if (options.showSessionTokens) {
    let open = withSessionTokens.get(rules);
    if (open === undefined) {
      open = redactionsFor(serviceId, operationName, { showSessionTokens: true });
      withSessionTokens.set(rules, open);
    }
    rules = open;
  }
  let sides = compiledRules.get(rules);
  if (sides === undefined) compiledRules.set(rules, (sides = {}));
  return (sides[side] ??= compile(rules, side));
}

function compile(rules: readonly Redaction[], side: Side): Compiled {
  const anywhere = new Map<string, Action>();
  const paths: { steps: readonly Step[]; action: Action }[] = [];
  for (const rule of rules) {
    if (rule.in !== "both" && rule.in !== side) continue;
    const segments = rule.path.split(".");
    const [first, name = ""] = segments;
    if (first === "**" && segments.length === 2 && /^\w+$/.test(name)) {
      // Later rules are the more specific ones.
      anywhere.set(name, rule.action);
      anywhere.set(otherCase(name), rule.action);
    } else paths.push({ steps: segments.map(stepOf), action: rule.action });
  }
  return { anywhere, paths };
}

function stepOf(segment: string, at: number, segments: readonly string[]): Step {
  if (segment === "**") return { kind: "descendants" };
  if (segment === "*") return { kind: "any" };
  const each = segment.endsWith("[]");
  const name = each ? segment.slice(0, -2) : segment;
  return { kind: "member", name, other: segments[at - 1] === "**" ? otherCase(name) : undefined, each };
}

/** One walk for all rules that name a member at any depth. */
function redactAnywhere(value: Json, actions: ReadonlyMap<string, Action>): Json {
  if (isArray(value)) {
    let changed: Json[] | undefined;
    for (const [at, element] of value.entries()) {
      const replacement = redactAnywhere(element, actions);
      if (changed === undefined && replacement !== element) changed = value.slice(0, at);
      changed?.push(replacement);
    }
    return changed ?? value;
  }
  if (!isObject(value)) return value;
  let copy: Record<string, Json> | undefined;
  // Not `in`: the engine would take the names of the first object for those of all, compile for them, and undo it, over and over.
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member === undefined) continue;
    const action = actions.get(name);
    const replacement = action === undefined ? redactAnywhere(member, actions) : applied(action, member);
    if (replacement !== member) copy = withMember(value, copy, name, replacement);
  }
  return copy ?? value;
}

function redactPath(value: Json, steps: readonly Step[], at: number, action: Action): Json | undefined {
  const step = steps[at];
  if (step === undefined) return applied(action, value);
  switch (step.kind) {
    case "descendants": {
      const here = at + 1 < steps.length ? redactPath(value, steps, at + 1, action) : undefined;
      return here === undefined ? undefined : redactChildren(here, steps, at, action);
    }
    case "any":
      return isObject(value) ? redactChildren(value, steps, at + 1, action) : value;
    case "member": {
      if (!isObject(value)) return value;
      const copy = redactMember(value, undefined, step.name, step.each, steps, at, action);
      return (step.other === undefined ? copy : redactMember(value, copy, step.other, step.each, steps, at, action)) ?? value;
    }
  }
}

/** The copy of `value` that has what the member became, or `copy` where that is the same. */
function redactMember(
  value: JsonObject,
  copy: Record<string, Json> | undefined,
  name: string,
  each: boolean,
  steps: readonly Step[],
  at: number,
  action: Action,
): Record<string, Json> | undefined {
  const member = Object.hasOwn(value, name) ? value[name] : undefined;
  if (member === undefined) return copy;
  let replacement: Json | undefined = member;
  if (!each) replacement = redactPath(member, steps, at + 1, action);
  else if (isArray(member)) replacement = redactElements(member, steps, at + 1, action);
  return replacement === member ? copy : withMember(value, copy, name, replacement);
}

/** All members of an object, all elements of an array. */
function redactChildren(value: Json, steps: readonly Step[], at: number, action: Action): Json {
  if (isArray(value)) return redactElements(value, steps, at, action);
  if (!isObject(value)) return value;
  let copy: Record<string, Json> | undefined;
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member === undefined) continue;
    const replacement = redactPath(member, steps, at, action);
    if (replacement !== member) copy = withMember(value, copy, name, replacement);
  }
  return copy ?? value;
}

function redactElements(values: readonly Json[], steps: readonly Step[], at: number, action: Action): readonly Json[] {
  let changed: Json[] | undefined;
  for (const [index, value] of values.entries()) {
    const replacement = redactPath(value, steps, at, action);
    if (changed === undefined && replacement !== value) changed = values.slice(0, index);
    if (replacement !== undefined) changed?.push(replacement);
  }
  return changed ?? values;
}

/** `copy`, or one of `value`, with the member as it shall be; without it for undefined. */
function withMember(
  value: JsonObject,
  copy: Record<string, Json> | undefined,
  name: string,
  replacement: Json | undefined,
): Record<string, Json> {
  const changed = copy ?? Object.assign(bareObject<Json>(), value);
  if (replacement === undefined) delete changed[name];
  else changed[name] = replacement;
  return changed;
}

function applied(action: Action, value: Json): Json | undefined {
  if (action === "drop") return undefined;
  if (action === "empty") return isArray(value) ? [] : {};
  return action.replace;
}

function otherCase(name: string): string {
  const first = name.charAt(0);
  const lower = first.toLowerCase();
  return (first === lower ? first.toUpperCase() : lower) + name.slice(1);
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
