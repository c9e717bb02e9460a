import { invalidPattern } from "./invalid-pattern.ts";
import { LinearRegex } from "./linear-regex.ts";
import type { TextCursor } from "./text-cursor.ts";
import { wildcard } from "./wildcard.ts";

/** A value to be tested: a field of a text is always a string. */
export type Scalar = string | number | boolean;
export type ValueTest = (value: Scalar) => boolean;

const OPERATORS = ["!=", ">=", "<=", "=", ">", "<"] as const;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

export interface ValueTestOptions {
  /** What a text without quotation marks may consist of; sticky. */
  readonly bare: RegExp;
  /** Strings that spell a number are compared as numbers: fields of a text, not strings of a document. */
  readonly numeric: boolean;
  /** Called for each regular expression. */
  readonly countRegex: () => void;
}

/** Reads `OPERATOR LITERAL`. Throws `InvalidParameterException`. */
export function readValueTest(cursor: TextCursor, { bare, numeric, countRegex }: ValueTestOptions): ValueTest {
  cursor.skipSpace();
  const operator = OPERATORS.find((text) => cursor.take(text));
  if (operator === undefined) throw invalidPattern();
  cursor.skipSpace();
  if (cursor.peek() === "%") {
    if (operator !== "=" && operator !== "!=") throw invalidPattern();
    countRegex();
    const regex = new LinearRegex(cursor.betweenPercents());
    return operator === "=" ? (value) => regex.test(String(value)) : (value) => !regex.test(String(value));
  }
  const isQuoted = cursor.peek() === '"';
  const literal = isQuoted ? cursor.quoted() : cursor.match(bare);
  if (literal === undefined) throw invalidPattern();
  const number = !isQuoted && NUMBER.test(literal) ? Number(literal) : undefined;
  if (operator === "=" || operator === "!=") {
    const equals = equality(literal, number, numeric);
    return operator === "=" ? equals : (value) => !equals(value);
  }
  if (number === undefined) throw invalidPattern();
  return order(operator, number, numeric);
}

function equality(literal: string, number: number | undefined, numeric: boolean): ValueTest {
  const matches = wildcard(literal);
  return (value) => {
    if (number !== undefined && numberOf(value, numeric) === number) return true;
    return matches(String(value));
  };
}

function order(operator: ">" | ">=" | "<" | "<=", bound: number, numeric: boolean): ValueTest {
  return (value) => {
    const number = numberOf(value, numeric);
    if (number === undefined) return false;
    if (operator === ">") return number > bound;
    if (operator === ">=") return number >= bound;
    return operator === "<" ? number < bound : number <= bound;
  };
}

function numberOf(value: Scalar, numeric: boolean): number | undefined {
  if (typeof value === "number") return value;
  return numeric && typeof value === "string" && NUMBER.test(value) ? Number(value) : undefined;
}
