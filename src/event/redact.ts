import { type Redaction, redactionsFor } from "../aws/catalogue/facts/redactions.ts";
import type { Json, JsonObject } from "../aws/tree.ts";

type Action = Redaction["action"];
type Side = "request" | "response";

/** Rules in a form that one walk can apply: names that count at any depth, and all other paths. */
interface Compiled {
  readonly anywhere: ReadonlyMap<string, Action>;
  readonly paths: readonly { readonly segments: readonly string[]; readonly action: Action }[];
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
  for (const { segments, action } of paths) result = redactPath(result ?? {}, segments, 0, action);
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
  const paths: { segments: readonly string[]; action: Action }[] = [];
  for (const rule of rules) {
    if (rule.in !== "both" && rule.in !== side) continue;
    const segments = rule.path.split(".");
    const [first, name = ""] = segments;
    if (first === "**" && segments.length === 2 && /^\w+$/.test(name)) {
      // Later rules are the more specific ones.
      anywhere.set(name, rule.action);
      anywhere.set(otherCase(name), rule.action);
    } else paths.push({ segments, action: rule.action });
  }
  return { anywhere, paths };
}

/** One walk for all rules that name a member at any depth. */
function redactAnywhere(value: Json, actions: ReadonlyMap<string, Action>): Json {
  if (isArray(value)) return mapElements(value, (element) => redactAnywhere(element, actions));
  if (!isObject(value)) return value;
  let copy: Record<string, Json> | undefined;
  for (const name in value) {
    const member = value[name];
    if (member === undefined) continue;
    const action = actions.get(name);
    const replacement = action === undefined ? redactAnywhere(member, actions) : applied(action, member);
    if (replacement === member) continue;
    copy ??= Object.assign(Object.create(null), value) as Record<string, Json>;
    if (replacement === undefined) delete copy[name];
    else copy[name] = replacement;
  }
  return copy ?? value;
}

function redactPath(value: Json, segments: readonly string[], at: number, action: Action): Json | undefined {
  const segment = segments[at];
  if (segment === undefined) return applied(action, value);
  if (segment === "**") {
    const here = at + 1 < segments.length ? redactPath(value, segments, at + 1, action) : undefined;
    if (here === undefined) return undefined;
    return mapChildren(
      here,
      () => true,
      (child) => redactPath(child, segments, at, action),
    );
  }
  if (segment === "*")
    return isObject(value)
      ? mapChildren(
          value,
          () => true,
          (child) => redactPath(child, segments, at + 1, action),
        )
      : value;
  if (!isObject(value)) return value;
  const each = segment.endsWith("[]");
  const name = each ? segment.slice(0, -2) : segment;
  const anyCase = segments[at - 1] === "**";
  const other = otherCase(name);
  return mapChildren(
    value,
    (member) => member === name || (anyCase && member === other),
    (child) => {
      if (!each) return redactPath(child, segments, at + 1, action);
      return isArray(child) ? mapElements(child, (element) => redactPath(element, segments, at + 1, action)) : child;
    },
  );
}

function applied(action: Action, value: Json): Json | undefined {
  if (action === "drop") return undefined;
  if (action === "empty") return isArray(value) ? [] : {};
  return action.replace;
}

function mapChildren(value: Json, chosen: (name: string) => boolean, change: (child: Json) => Json | undefined): Json {
  if (isArray(value)) return mapElements(value, change);
  if (!isObject(value)) return value;
  let copy: Record<string, Json> | undefined;
  for (const name in value) {
    const member = value[name];
    if (member === undefined || !chosen(name)) continue;
    const replacement = change(member);
    if (replacement === member) continue;
    copy ??= Object.assign(Object.create(null), value) as Record<string, Json>;
    if (replacement === undefined) delete copy[name];
    else copy[name] = replacement;
  }
  return copy ?? value;
}

function mapElements(values: readonly Json[], change: (element: Json) => Json | undefined): readonly Json[] {
  let changed = false;
  const result: Json[] = [];
  for (const value of values) {
    const replacement = change(value);
    changed ||= replacement !== value;
    if (replacement !== undefined) result.push(replacement);
  }
  return changed ? result : values;
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
