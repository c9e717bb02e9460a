import type { PatternTokens } from "./pattern-tokens.ts";

/** Numbers are compared within five billion either way, to six digits after the point. */
const LIMIT = 5e9;
const SCALE = 1e6;

/** Undefined beyond what EventBridge compares by value. */
export function parseComparable(text: string): number | undefined {
  const value = Number(text);
  return Math.abs(value) <= LIMIT ? value : undefined;
}

/** Throws `PatternError` where `parseComparable` answers nothing. */
export function requireComparable(text: string, tokens: PatternTokens): number {
  const value = parseComparable(text);
  if (value === undefined) throw tokens.error("Value must be between -5.0E9 and 5.0E9, inclusive");
  return value;
}

export function numberOf(value: number | bigint): number {
  return Number(value);
}

/** NaN for what has no place in the order: it is neither equal, less nor greater. */
export function orderOf(value: number): number {
  return Math.abs(value) <= LIMIT ? Math.round(value * SCALE) : Number.NaN;
}

export function equalNumbers(left: number, right: number): boolean {
  return orderOf(left) === orderOf(right);
}
