import type { EventPattern, FieldTest } from "./event-pattern.ts";
import { exactTest, readMatchExpression, type ValueMatch } from "./match-expression.ts";
import { PatternError } from "./pattern-error.ts";
import { PatternTokens } from "./pattern-tokens.ts";

/** "Amazon EventBridge event patterns": what `$or` may multiply to. */
const MAX_BRANCHES = 1000;
const OR = "$or";
const RESERVED_WITHIN_OR = new Set(
  (
    "exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard " +
    "not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ip-address-in-range " +
    "ip-address-not-in-range"
  ).split(" "),
);

type Branch = Map<string, FieldTest>;

/** Throws `PatternError` for what AWS would not take, with AWS's reason. A path that is named twice counts as it stands last. */
export function compilePattern(source: string): EventPattern {
  const tokens = new PatternTokens(source);
  if (tokens.next() !== "{") throw tokens.error("Filter is not an object");
  return { branches: readObject(tokens, [], "", false) };
}

/** The branches so far, with what the object asks added to each. */
function readObject(tokens: PatternTokens, branches: readonly Branch[], path: string, withinOr: boolean): readonly Branch[] {
  let found = branches;
  let isEmpty = true;
  while (tokens.next() !== "}") {
    isEmpty = false;
    const name = tokens.text;
    if (name === OR) {
      found = readOr(tokens, found, path);
      continue;
    }
    if (withinOr && RESERVED_WITHIN_OR.has(name)) {
      throw tokens.error(`${name} is Ruler reserved fieldName which cannot be used inside ${OR}.`);
    }
    const full = path === "" ? name : `${path}.${name}`;
    const token = tokens.next();
    if (token === "{") {
      found = readObject(tokens, found, full, withinOr);
    } else if (token === "[") {
      const test = readAlternatives(tokens);
      found = (found.length === 0 ? [new Map<string, FieldTest>()] : found).map((branch) => new Map([...branch, [full, test]]));
    } else {
      throw tokens.error(`"${name}" must be an object or an array`);
    }
  }
  if (isEmpty) throw tokens.error("Empty objects are not allowed");
  return found;
}

function readOr(tokens: PatternTokens, branches: readonly Branch[], path: string): readonly Branch[] {
  if (tokens.next() !== "[") throw tokens.error(`It must be an Array followed with ${OR}.`);
  const found: Branch[] = [];
  let alternatives = 0;
  for (let token = tokens.next(); token !== "]"; token = tokens.next()) {
    if (token !== "{") throw tokens.error(`Only JSON object is allowed in array of ${OR} relationship.`);
    alternatives++;
    found.push(...readObject(tokens, branches, path, true));
    if (found.length > MAX_BRANCHES) {
      throw new PatternError(`Rule is too complex - ${OR} makes more than ${MAX_BRANCHES} combinations`);
    }
  }
  if (alternatives < 2) throw tokens.error(`There must have at least 2 Objects in ${OR} relationship.`);
  return found;
}

function readAlternatives(tokens: PatternTokens): FieldTest {
  const matches: ValueMatch[] = [];
  for (let token = tokens.next(); token !== "]"; token = tokens.next()) {
    switch (token) {
      case "{":
        matches.push(readMatchExpression(tokens));
        break;
      case "string":
      case "number":
      case "true":
      case "false":
      case "null":
        matches.push(exactTest(token, tokens.text));
        break;
      default:
        throw tokens.error("Match value must be String, number, true, false, or null");
    }
  }
  if (matches.length === 0) throw tokens.error("Empty arrays are not allowed");
  return { tests: matches.filter((match) => match !== "absent"), absent: matches.includes("absent") };
}
