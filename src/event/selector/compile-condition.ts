import { PrefixSet } from "./prefix-set.ts";
import type { FieldSelector } from "./selectors.ts";
import { SuffixSet } from "./suffix-set.ts";

/** Whether the value of a field passes; undefined where the event has none. */
export type Condition = (value: string | undefined) => boolean;

type Values = readonly string[] | undefined;

/**
 * The operators of one field: any value of any positive one, and no value of any negative one. Values mean themselves: there
 * are no wildcards, and case matters. What an event does not have equals nothing.
 */
export function compileCondition(selector: Omit<FieldSelector, "field">): Condition {
  const positive = compileGroup(selector.equals, selector.startsWith, selector.endsWith);
  const negative = compileGroup(selector.notEquals, selector.notStartsWith, selector.notEndsWith);
  if (positive === undefined) return negative === undefined ? () => true : (value) => value === undefined || !negative(value);
  if (negative === undefined) return (value) => value !== undefined && positive(value);
  return (value) => value !== undefined && positive(value) && !negative(value);
}

/** Whether any of them hits; undefined where none is given. */
function compileGroup(equals: Values, startsWith: Values, endsWith: Values): ((value: string) => boolean) | undefined {
  const tests: ((value: string) => boolean)[] = [];
  if (equals !== undefined) tests.push(equalsAny(equals));
  if (startsWith !== undefined) {
    const prefixes = new PrefixSet(startsWith);
    tests.push((value) => prefixes.begins(value));
  }
  if (endsWith !== undefined) {
    const suffixes = new SuffixSet(endsWith);
    tests.push((value) => suffixes.ends(value));
  }
  const [first, second, third] = tests;
  if (first === undefined) return undefined;
  if (second === undefined) return first;
  if (third === undefined) return (value) => first(value) || second(value);
  return (value) => first(value) || second(value) || third(value);
}

function equalsAny(values: readonly string[]): (value: string) => boolean {
  const [only] = values;
  if (only !== undefined && values.length === 1) return (value) => value === only;
  const set = new Set(values);
  return (value) => set.has(value);
}
