import type { PolicyRequest } from "../../policy-evaluator.ts";

type Subject = Pick<PolicyRequest, "action" | "resource" | "context" | "identityPolicies" | "sessionPolicy">;

/**
 * About how many steps a backtracking matcher takes, in the worst case, to hold all patterns of the policies against the
 * request. Whoever assumes a role chooses its session policy and the headers of its calls: `*a*a*a*b` against 300 times "a" takes such a
 * matcher 15 seconds.
 */
export function patternCost({ action, resource, context, identityPolicies, sessionPolicy }: Subject): number {
  const values = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), textsOf(value)]));
  const documents = [
    ...identityPolicies.map(({ document }) => document),
    ...(sessionPolicy === undefined ? [] : [sessionPolicy]),
  ];
  let cost = 0;
  const hold = (patterns: unknown, texts: readonly string[]): void => {
    for (const pattern of textsOf(patterns)) for (const text of texts) cost += costOf(pattern.toLowerCase(), text.toLowerCase());
  };
  for (const statement of documents.flatMap(({ Statement }) => Statement as readonly Readonly<Record<string, unknown>>[])) {
    hold(statement["Action"], [action]);
    hold(statement["NotAction"], [action]);
    hold(statement["Resource"], [resource]);
    hold(statement["NotResource"], [resource]);
    for (const condition of Object.values(membersOf(statement["Condition"])))
      for (const [key, patterns] of Object.entries(membersOf(condition))) hold(patterns, values.get(key.toLowerCase()) ?? []);
  }
  return cost;
}

/** Every place where one part between wildcards fits is tried with every place of the next. */
function costOf(pattern: string, text: string): number {
  const parts = pattern
    .split(/\*+/)
    .slice(1)
    .filter((part) => part !== "");
  let cost = text.length + 1;
  for (const part of parts.slice(0, -1)) cost *= /[?$]/.test(part) ? text.length + 1 : Math.max(1, text.split(part).length - 1);
  return cost;
}

function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string");
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
