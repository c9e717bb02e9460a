import { AwsError } from "../../aws/aws-error.ts";
import type { Constraints } from "./constraints.ts";
import type { Members } from "./members.ts";

/** A page holds as many unless told otherwise, and never more. */
const MOST = 100;

export function checkPaging(constraints: Constraints, input: Members): Constraints {
  return constraints
    .whole("limit", input.whole("Limit"), 1, MOST)
    .text("nextToken", input.text("NextToken"), { min: 1, max: 2048 });
}

/** What the page before ended with; "" for the first. Throws `ValidationException` for a token that is none of ours. */
export function pageStart(input: Members): string {
  const token = input.text("NextToken");
  if (token === undefined) return "";
  const name = Buffer.from(token, "base64url").toString("utf8");
  if (Buffer.from(name).toString("base64url") === token) return name;
  throw new AwsError("ValidationException", "Parameter NextToken is not valid.");
}

/** `entries` in the order of the names that `nameOf` tells, all behind the page's start. */
export function page<Entry>(
  input: Members,
  entries: readonly Entry[],
  nameOf: (entry: Entry) => string,
): { readonly entries: readonly Entry[]; readonly next: { readonly NextToken?: string } } {
  const shown = entries.slice(0, input.whole("Limit") ?? MOST);
  const last = shown.at(-1);
  if (last === undefined || shown.length === entries.length) return { entries: shown, next: {} };
  return { entries: shown, next: { NextToken: Buffer.from(nameOf(last)).toString("base64url") } };
}
