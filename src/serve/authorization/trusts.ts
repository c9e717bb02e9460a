import type { AccountRole } from "../../account/identities/account-schema.ts";

type Statement = NonNullable<AccountRole["trust"]>["Statement"][number];

/**
 * Whether a role's trust policy names one of those names. Conditions are for whoever answers AssumeRole to look at; which
 * accounts and principals a role is open to is looked at here once more, because a backend that gives every role to
 * everybody would open one account to the other.
 *
 * @param names by which a trust policy may know who began the session (account, ARNs, identity provider).
 */
export function trusts(role: Pick<AccountRole, "trust">, names: readonly string[]): boolean {
  const statements = role.trust?.Statement.filter(isAboutAssuming) ?? [];
  const denied = statements.some((one) => one.Effect === "Deny" && one.Condition === undefined && concerns(one, names));
  return !denied && statements.some((one) => one.Effect === "Allow" && one.Principal !== undefined && concerns(one, names));
}

function concerns({ Principal, NotPrincipal }: Statement, names: readonly string[]): boolean {
  if (NotPrincipal !== undefined) return !isNamed(NotPrincipal, names);
  return Principal !== undefined && isNamed(Principal, names);
}

function isNamed(principal: NonNullable<Statement["Principal"]>, names: readonly string[]): boolean {
  if (names.length === 0) return false;
  if (principal === "*") return true;
  return Object.entries(principal).some(([type, values]) => {
    const listed = typeof values === "string" ? [values] : values;
    return listed.some((value) => (value === "*" && type === "AWS") || names.includes(value));
  });
}

const ACTIONS = ["sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"];

function isAboutAssuming({ Action, NotAction }: Statement): boolean {
  if (Action !== undefined) return ACTIONS.some((action) => matchesAny(Action, action));
  return NotAction !== undefined && !ACTIONS.every((action) => matchesAny(NotAction, action));
}

/** As IAM does: any case, `*` for any text, `?` for one character. */
function matchesAny(patterns: string | readonly string[], action: string): boolean {
  return (typeof patterns === "string" ? [patterns] : patterns).some((pattern) => {
    const source = pattern
      .toLowerCase()
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*+/g, ".*")
      .replaceAll("?", ".");
    return new RegExp(`^${source}$`).test(action);
  });
}
