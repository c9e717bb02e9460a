import { invalidPattern } from "./invalid-pattern.ts";
import type { TextCursor } from "./text-cursor.ts";

/** A member's name, an element's index, or any of them. */
type Step = string | number | typeof ANY;

const ANY = Symbol("any");
const NAME = /[A-Za-z0-9_-]+/y;
const INDEX = /\d{1,9}/y;

/** `$.requestParameters.ipPermissions.items[0]`, `$.['cluster.name']`, `$.users[*]`, `$.*`: points to values of a document. */
export class JsonSelector {
  /** As it was written. */
  readonly text: string;
  readonly #steps: readonly Step[];

  constructor(steps: readonly Step[], text: string) {
    this.#steps = steps;
    this.text = text;
  }

  get hasWildcard(): boolean {
    return this.#steps.includes(ANY);
  }

  /** Every value that it points to; one at most without a wildcard. */
  select(document: unknown): readonly unknown[] {
    let found: unknown[] = [document];
    for (const step of this.#steps) {
      if (step === ANY)
        found = found.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
      else found = found.flatMap((value) => one(value, step));
      if (found.length === 0) break;
    }
    return found;
  }
}

/** Throws `InvalidParameterException`. */
export function readSelector(cursor: TextCursor): JsonSelector {
  const from = cursor.at;
  cursor.expect("$");
  const steps: Step[] = [];
  for (;;) {
    if (cursor.take(".")) {
      if (cursor.take("[")) steps.push(readBracket(cursor));
      else steps.push(cursor.take("*") ? ANY : (cursor.match(NAME) ?? fail()));
    } else if (cursor.take("[")) {
      steps.push(readBracket(cursor));
    } else {
      break;
    }
  }
  if (steps.length === 0 || steps.filter((step) => step === ANY).length > 1) throw invalidPattern();
  return new JsonSelector(steps, cursor.since(from));
}

function readBracket(cursor: TextCursor): Step {
  const index = cursor.match(INDEX);
  let step: Step | undefined = index === undefined ? undefined : Number(index);
  if (step === undefined && cursor.take("*")) step = ANY;
  if (step === undefined && cursor.peek() === '"') step = cursor.quoted();
  if (step === undefined && cursor.take("'")) {
    step = cursor.match(/[^']+/y) ?? fail();
    cursor.expect("'");
  }
  cursor.expect("]");
  return step ?? fail();
}

function one(value: unknown, step: string | number): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (typeof step === "number") return Array.isArray(value) && step < value.length ? [value[step]] : [];
  return !Array.isArray(value) && Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
}

function fail(): never {
  throw invalidPattern();
}
