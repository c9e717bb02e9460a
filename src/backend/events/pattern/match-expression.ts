import { readAnythingBut } from "./anything-but.ts";
import type { ValueTest } from "./event-pattern.ts";
import { addressOf, addressRange } from "./ip-address.ts";
import { equalNumbers, numberOf, parseComparable } from "./comparable-number.ts";
import { readNumeric } from "./numeric-range.ts";
import type { PatternTokens } from "./pattern-tokens.ts";
import { equalsIgnoringCase, startsIgnoringCase, endsIgnoringCase } from "./ignoring-case.ts";
import { compileWildcard } from "./wildcard.ts";

/** A test of a value, or that there be none. */
export type ValueMatch = ValueTest | "absent";

/** A bare value in the list of alternatives. An address stands for itself in all its spellings, a number for its value. */
export function exactTest(kind: "string" | "number" | "true" | "false" | "null", text: string): ValueTest {
  if (kind === "string") {
    const address = addressOf(text);
    if (address === undefined) return (value) => value === text;
    return (value) => value === text || (typeof value === "string" && addressOf(value) === address);
  }
  if (kind === "number") {
    const wanted = parseComparable(text);
    return (value) => {
      if (typeof value !== "number" && typeof value !== "bigint") return false;
      return String(value) === text || (wanted !== undefined && equalNumbers(numberOf(value), wanted));
    };
  }
  const literal = kind === "null" ? null : kind === "true";
  return (value) => value === literal;
}

/** What stands after `{` in the list of alternatives, up to its `}`. */
export function readMatchExpression(tokens: PatternTokens): ValueMatch {
  if (tokens.next() !== "name") throw tokens.error("Match expression name not found");
  const type = tokens.text;
  switch (type) {
    case "exactly": {
      const wanted = readOneString(tokens, "exact match pattern must be a string");
      return (value) => value === wanted;
    }
    case "prefix":
      return readAffix(tokens, "prefix");
    case "suffix":
      return readAffix(tokens, "suffix");
    case "equals-ignore-case": {
      const wanted = readOneString(tokens, "equals-ignore-case match pattern must be a string");
      return (value) => typeof value === "string" && equalsIgnoringCase(value, wanted);
    }
    case "wildcard": {
      if (tokens.next() !== "string") throw tokens.error("wildcard match pattern must be a string");
      const isMatch = compileWildcard(tokens.text, tokens);
      closeExpression(tokens);
      return (value) => typeof value === "string" && isMatch(value);
    }
    case "cidr": {
      if (tokens.next() !== "string") throw tokens.error("prefix match pattern must be a string");
      const isWithin = addressRange(tokens.text);
      closeExpression(tokens);
      return (value) => typeof value === "string" && isWithin(value);
    }
    case "exists":
      return readExists(tokens);
    case "numeric":
      return readNumeric(tokens);
    case "anything-but":
      return readAnythingBut(tokens);
    default:
      // The beginning of its value has been read by the time AWS looks at the name.
      tokens.next();
      throw tokens.error(`Unrecognized match type ${type}`);
  }
}

function closeExpression(tokens: PatternTokens): void {
  if (tokens.next() !== "}") throw tokens.error("Only one key allowed in match expression");
}

function readOneString(tokens: PatternTokens, otherwise: string): string {
  if (tokens.next() !== "string") throw tokens.error(otherwise);
  const { text } = tokens;
  closeExpression(tokens);
  return text;
}

function readAffix(tokens: PatternTokens, side: "prefix" | "suffix"): ValueTest {
  const token = tokens.next();
  if (token === "{") return readAffixIgnoringCase(tokens, side);
  if (token !== "string") throw tokens.error(`${side} match pattern must be a string`);
  const { text } = tokens;
  closeExpression(tokens);
  if (side === "prefix") return (value) => typeof value === "string" && value.startsWith(text);
  return (value) => typeof value === "string" && value.endsWith(text);
}

function readAffixIgnoringCase(tokens: PatternTokens, side: "prefix" | "suffix"): ValueTest {
  const word = side === "prefix" ? "Prefix" : "Suffix";
  if (tokens.next() !== "name") throw tokens.error(`${word} expression name not found`);
  const type = tokens.text;
  if (type !== "equals-ignore-case") throw tokens.error(`Unsupported ${side} pattern: ${type}`);
  const text = readOneString(tokens, "equals-ignore-case match pattern must be a string");
  closeExpression(tokens);
  const isMatch = side === "prefix" ? startsIgnoringCase : endsIgnoringCase;
  return (value) => typeof value === "string" && isMatch(value, text);
}

function readExists(tokens: PatternTokens): ValueMatch {
  const token = tokens.next();
  if (token !== "true" && token !== "false") throw tokens.error("exists match pattern must be either true or false.");
  closeExpression(tokens);
  return token === "true" ? () => true : "absent";
}
