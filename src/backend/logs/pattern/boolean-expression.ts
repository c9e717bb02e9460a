import { invalidPattern } from "./invalid-pattern.ts";
import type { TextCursor } from "./text-cursor.ts";

export type Test<Subject> = (subject: Subject) => boolean;

/** Reads conditions joined by `&&`, `||` (which binds less) and parentheses. Throws `InvalidParameterException`. */
export function readExpression<Subject>(cursor: TextCursor, condition: () => Test<Subject>): Test<Subject> {
  const tests = [readAll(cursor, condition)];
  for (cursor.skipSpace(); cursor.take("||"); cursor.skipSpace()) tests.push(readAll(cursor, condition));
  const [only] = tests;
  return only !== undefined && tests.length === 1 ? only : (subject) => tests.some((test) => test(subject));
}

function readAll<Subject>(cursor: TextCursor, condition: () => Test<Subject>): Test<Subject> {
  const tests = [readOne(cursor, condition)];
  for (cursor.skipSpace(); cursor.take("&&"); cursor.skipSpace()) tests.push(readOne(cursor, condition));
  const [only] = tests;
  return only !== undefined && tests.length === 1 ? only : (subject) => tests.every((test) => test(subject));
}

function readOne<Subject>(cursor: TextCursor, condition: () => Test<Subject>): Test<Subject> {
  cursor.skipSpace();
  if (!cursor.take("(")) return condition();
  const inner = readExpression(cursor, condition);
  cursor.skipSpace();
  if (!cursor.take(")")) throw invalidPattern();
  return inner;
}
