import { readExpression, type Test } from "./boolean-expression.ts";
import type { FilterPattern } from "./filter-pattern.ts";
import { invalidPattern } from "./invalid-pattern.ts";
import { type JsonSelector, readSelector } from "./json-selector.ts";
import { TextCursor } from "./text-cursor.ts";
import { readValueTest, type Scalar } from "./value-test.ts";

const MAX_REGEXES = 2;
const MAX_WILDCARDS = 3;
const BARE = /[^\s(){}&|=!<>",%]+/y;

/**
 * `SELECTOR OPERATOR VALUE`, `SELECTOR IS NULL|TRUE|FALSE`, `SELECTOR NOT EXISTS`, joined. A comparison holds where some value
 * that is selected is a string, a number or a boolean and passes; so `!=` is false, too, where there is no such value.
 */
export function jsonPattern(text: string): FilterPattern {
  const cursor = new TextCursor(text);
  const selectors: JsonSelector[] = [];
  let regexes = 0;
  const countRegex = (): void => {
    regexes += 1;
    if (regexes > MAX_REGEXES) throw invalidPattern();
  };
  const test = readExpression(cursor, () => {
    const selector = readSelector(cursor);
    selectors.push(selector);
    return readCondition(cursor, selector, countRegex);
  });
  cursor.skipSpace();
  if (!cursor.atEnd || selectors.filter(({ hasWildcard }) => hasWildcard).length > MAX_WILDCARDS) throw invalidPattern();
  return {
    matches: (message) => {
      const document = parseDocument(message);
      return document !== undefined && test(document);
    },
    extract: (message) => {
      const document = parseDocument(message);
      const values = selectors.flatMap((selector) => {
        const value = selector.select(document).find(isScalar);
        return value === undefined ? [] : [[selector.text, String(value)] as const];
      });
      return Object.fromEntries(values);
    },
  };
}

function readCondition(cursor: TextCursor, selector: JsonSelector, countRegex: () => void): Test<object> {
  cursor.skipSpace();
  const word = cursor.match(/[A-Za-z]+(?:\s+[A-Za-z]+)?/y)?.replace(/\s+/, " ");
  switch (word?.toUpperCase()) {
    case undefined:
      break;
    case "IS NULL":
      return (document) => selector.select(document).includes(null);
    case "IS TRUE":
      return (document) => selector.select(document).includes(true);
    case "IS FALSE":
      return (document) => selector.select(document).includes(false);
    case "NOT EXISTS":
      return (document) => selector.select(document).length === 0;
    default:
      throw invalidPattern();
  }
  const passes = readValueTest(cursor, { bare: BARE, numeric: false, countRegex });
  return (document) => selector.select(document).some((value) => isScalar(value) && passes(value));
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** The message as a document, undefined where it is none. */
function parseDocument(message: string): object | undefined {
  if (!/^\s*[{[]/.test(message)) return undefined;
  try {
    const document = JSON.parse(message) as unknown;
    return typeof document === "object" && document !== null ? document : undefined;
  } catch {
    return undefined;
  }
}
