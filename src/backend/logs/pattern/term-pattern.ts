import type { FilterPattern } from "./filter-pattern.ts";
import { invalidPattern } from "./invalid-pattern.ts";
import { LinearRegex } from "./linear-regex.ts";
import { TextCursor } from "./text-cursor.ts";

type Test = (message: string) => boolean;
const WORD = /^[\p{L}\p{N}_]+$/u;

/**
 * Terms: all must be in the message, none of those behind `-`, and one at least of those behind `?`, which count only where there
 * are no others. No terms, or nothing but space in quotation marks, match everything.
 */
export function termPattern(text: string): FilterPattern {
  const cursor = new TextCursor(text);
  const wanted: Test[] = [];
  const unwanted: Test[] = [];
  const optional: Test[] = [];
  for (cursor.skipSpace(); !cursor.atEnd; cursor.skipSpace()) {
    const tests = cursor.take("-") ? unwanted : cursor.take("?") ? optional : wanted;
    tests.push(readTerm(cursor));
  }
  const alternatives = wanted.length + unwanted.length === 0 ? optional : [];
  return {
    matches: (message) =>
      wanted.every((test) => test(message)) &&
      !unwanted.some((test) => test(message)) &&
      (alternatives.length === 0 || alternatives.some((test) => test(message))),
    extract: () => ({}),
  };
}

function readTerm(cursor: TextCursor): Test {
  const mark = cursor.peek();
  if (mark === "%") {
    const regex = new LinearRegex(cursor.betweenPercents());
    return (message) => regex.test(message);
  }
  if (mark === '"') {
    const phrase = cursor.quoted();
    return phrase.trim() === "" ? () => true : (message) => message.includes(phrase);
  }
  const term = cursor.match(/[^\s"%]+/y);
  if (term === undefined) throw invalidPattern();
  if (!WORD.test(term)) throw invalidPattern(`Invalid character(s) in term '${term}'`);
  return (message) => message.includes(term);
}
