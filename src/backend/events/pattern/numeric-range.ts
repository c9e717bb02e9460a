import { orderOf, requireComparable } from "./comparable-number.ts";
import type { ValueTest } from "./event-pattern.ts";
import type { PatternToken, PatternTokens } from "./pattern-tokens.ts";

const TOO_MANY = "Too many elements in numeric expression";

/** What stands after `{ "numeric":`: `["=", n]`, `["<", n]`, `[">=", n, "<", m]` and the like. */
export function readNumeric(tokens: PatternTokens): ValueTest {
  if (tokens.next() !== "[") throw tokens.error("Value of numeric must be an array.");
  const test = readRange(tokens);
  if (tokens.next() !== "}") throw tokens.error(TOO_MANY);
  return (value) => (typeof value === "number" || typeof value === "bigint") && test(orderOf(Number(value)));
}

function readRange(tokens: PatternTokens): (order: number) => boolean {
  const first = tokens.next();
  if (first !== "string") throw tokens.error(`Invalid member in numeric match: ${shown(first, tokens)}`);
  const operator = tokens.text;
  const token = tokens.next();
  if (!["=", "<", "<=", ">", ">="].includes(operator)) throw tokens.error(`Unrecognized numeric range operator: ${operator}`);
  if (token !== "number") throw tokens.error(`Value of ${operator === "=" ? "equals" : operator} must be numeric`);
  const bound = orderOf(requireComparable(tokens.text, tokens));
  const after = tokens.next();
  if (operator === ">" || operator === ">=") {
    const above = operator === ">" ? (order: number) => order > bound : (order: number) => order >= bound;
    if (after === "]") return above;
    const below = readUpper(tokens, after, bound);
    return (order) => above(order) && below(order);
  }
  if (after !== "]") throw tokens.error(TOO_MANY);
  if (operator === "=") return (order) => order === bound;
  return operator === "<" ? (order) => order < bound : (order) => order <= bound;
}

function readUpper(tokens: PatternTokens, token: PatternToken, bottom: number): (order: number) => boolean {
  if (token !== "string") throw tokens.error(`Bad value in numeric range: ${shown(token, tokens)}`);
  const operator = tokens.text;
  if (operator !== "<" && operator !== "<=") throw tokens.error(`Bad numeric range operator: ${operator}`);
  if (tokens.next() !== "number") throw tokens.error(`Value of ${operator} must be numeric`);
  const top = orderOf(requireComparable(tokens.text, tokens));
  if (tokens.next() !== "]") throw tokens.error("Too many terms in numeric range expression");
  if (bottom >= top) throw tokens.error("Bottom must be less than top");
  return operator === "<" ? (order) => order < top : (order) => order <= top;
}

function shown(token: PatternToken, tokens: PatternTokens): string {
  return ["string", "number", "true", "false", "null"].includes(token) ? tokens.text : token;
}
