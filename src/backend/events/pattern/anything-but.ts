import type { ValueTest } from "./event-pattern.ts";
import { equalNumbers, numberOf, requireComparable } from "./comparable-number.ts";
import { equalsIgnoringCase } from "./ignoring-case.ts";
import { PatternError } from "./pattern-error.ts";
import type { PatternToken, PatternTokens } from "./pattern-tokens.ts";
import { compileWildcard } from "./wildcard.ts";

const KINDS = ["equals-ignore-case", "prefix", "suffix", "wildcard"] as const;
type Kind = (typeof KINDS)[number];

const WRONG_TYPE: Readonly<Record<Kind, string>> = {
  "equals-ignore-case": "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
  prefix: "prefix/suffix match pattern must be a string",
  suffix: "prefix/suffix match pattern must be a string",
  wildcard: "wildcard match pattern must be a string",
};
const TOO_MANY = "Too many elements in numeric expression";

/** What stands after `{ "anything-but":`. A value of another kind than the excluded ones passes, null among them. */
export function readAnythingBut(tokens: PatternTokens): ValueTest {
  let token = tokens.next();
  let kind: Kind | undefined;
  if (token === "{") {
    if (tokens.next() !== "name") throw tokens.error("Anything-But expression name not found");
    const name = tokens.text;
    kind = KINDS.find((known) => known === name);
    if (kind === undefined) throw tokens.error(`Unsupported anything-but pattern: ${name}`);
    token = tokens.next();
  }
  if (token !== "[" && token !== "string" && token !== "number") {
    throw tokens.error("Value of anything-but must be an array or single string/number value.");
  }
  const excluded = kind === undefined ? readPlain(tokens, token) : readStrings(tokens, token, kind);
  if (tokens.next() !== "}") throw tokens.error(TOO_MANY);
  if (kind !== undefined && tokens.next() !== "}") throw tokens.error(TOO_MANY);
  return (value) => !excluded(value);
}

/** Strings or numbers, of which a list has one kind alone. */
function readPlain(tokens: PatternTokens, first: "[" | "string" | "number"): ValueTest {
  const strings = new Set<string>();
  const numbers: number[] = [];
  const take = (token: PatternToken): void => {
    if (token === "string") strings.add(tokens.text);
    else if (token === "number") numbers.push(requireComparable(tokens.text, tokens));
    else throw tokens.error("Inside anything but list, start|null|boolean is not supported.");
  };
  if (first !== "[") {
    take(first);
  } else {
    withPlaceTwice(tokens, () => {
      for (let token = tokens.next(); token !== "]"; token = tokens.next()) take(token);
    });
    if (strings.size > 0 === numbers.length > 0) {
      throw tokens.error("Inside anything but list, either all values are number or string, mixed type is not supported");
    }
  }
  if (numbers.length === 0) return (value) => typeof value === "string" && strings.has(value);
  return (value) =>
    (typeof value === "number" || typeof value === "bigint") && numbers.some((number) => equalNumbers(numberOf(value), number));
}

function readStrings(tokens: PatternTokens, first: "[" | "string" | "number", kind: Kind): ValueTest {
  const tests: ((value: string) => boolean)[] = [];
  const take = (token: PatternToken): void => {
    if (token !== "string") throw tokens.error(WRONG_TYPE[kind]);
    tests.push(stringTest(kind, tokens));
  };
  if (first !== "[") take(first);
  else {
    withPlaceTwice(tokens, () => {
      for (let token = tokens.next(); token !== "]"; token = tokens.next()) take(token);
    });
  }
  return (value) => typeof value === "string" && tests.some((test) => test(value));
}

function stringTest(kind: Kind, tokens: PatternTokens): (value: string) => boolean {
  const { text } = tokens;
  switch (kind) {
    case "equals-ignore-case":
      return (value) => equalsIgnoringCase(value, text);
    case "wildcard":
      return compileWildcard(text, tokens);
    default:
      if (text === "") throw tokens.error("Null prefix/suffix not allowed");
      return kind === "prefix" ? (value) => value.startsWith(text) : (value) => value.endsWith(text);
  }
}

/** AWS says the place twice for what is wrong inside such a list. */
function withPlaceTwice(tokens: PatternTokens, read: () => void): void {
  try {
    read();
  } catch (error) {
    throw error instanceof PatternError ? tokens.error(error.message) : error;
  }
}
