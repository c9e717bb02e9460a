import { readExpression, type Test } from "./boolean-expression.ts";
import type { FilterPattern } from "./filter-pattern.ts";
import { invalidPattern } from "./invalid-pattern.ts";
import { splitFields } from "./split-fields.ts";
import { TextCursor } from "./text-cursor.ts";
import { readValueTest } from "./value-test.ts";

type Values = readonly string[];
const MAX_REGEXES = 2;
const NAME = /[A-Za-z0-9_$.-]+/y;
const BARE = /[^\s(){}[\]&|=!<>",%]+/y;

/** One place of the pattern: its name, where it has one, and what must hold of it. */
interface Place {
  readonly name: string | undefined;
  readonly test: Test<Values> | undefined;
}

/**
 * `[ip, user, ..., status = 4*]`. An ellipsis stands for any number of fields. Without one, the last place takes all that is left of
 * the message; without any place, `[]` takes every message.
 */
export function spacePattern(text: string): FilterPattern {
  const { places, ellipsis } = new SpaceReader(text).read();
  const valuesOf = (message: string): Values | undefined => fit(message, places.length, ellipsis);
  return {
    matches: (message) => {
      const values = valuesOf(message);
      return values !== undefined && places.every(({ test }) => test === undefined || test(values));
    },
    extract: (message) => {
      const values = places.length === 0 ? splitFields(message).map(({ value }) => value) : (valuesOf(message) ?? []);
      return Object.fromEntries(values.map((value, index) => [`$${places[index]?.name ?? index + 1}`, value]));
    },
  };
}

/** The value of each place; undefined where the message has too few fields. */
function fit(message: string, count: number, ellipsis: number | undefined): Values | undefined {
  const fields = splitFields(message);
  const values = fields.map(({ value }) => value);
  if (values.length < count) return undefined;
  if (ellipsis !== undefined) return [...values.slice(0, ellipsis), ...values.slice(values.length - (count - ellipsis))];
  const last = fields[count - 1];
  if (values.length === count || last === undefined) return values.slice(0, count);
  return [...values.slice(0, count - 1), message.slice(last.at).trimEnd()];
}

class SpaceReader {
  readonly #cursor: TextCursor;
  readonly #places: Place[] = [];
  /** Names of conditions, which may stand before the place that they name. */
  readonly #named: string[] = [];
  #indexes: ReadonlyMap<string, number> = new Map();
  #regexes = 0;

  constructor(text: string) {
    this.#cursor = new TextCursor(text);
  }

  read(): { readonly places: readonly Place[]; readonly ellipsis: number | undefined } {
    const cursor = this.#cursor;
    let ellipsis: number | undefined;
    cursor.skipSpace();
    if (cursor.atEnd) return { places: [], ellipsis };
    do {
      cursor.skipSpace();
      if (!cursor.take("...")) this.#places.push(this.#place());
      else if (ellipsis === undefined) ellipsis = this.#places.length;
      else throw invalidPattern();
      cursor.skipSpace();
    } while (cursor.take(","));
    if (!cursor.atEnd) throw invalidPattern();
    const names = this.#places.flatMap(({ name }, index) => (name === undefined ? [] : [[name, index] as const]));
    this.#indexes = new Map(names);
    if (this.#indexes.size < names.length || this.#named.some((name) => !this.#indexes.has(name))) throw invalidPattern();
    return { places: this.#places, ellipsis };
  }

  #place(): Place {
    const cursor = this.#cursor;
    if (cursor.atEnd || cursor.peek() === ",") return { name: undefined, test: undefined };
    let first: string | undefined;
    let isBare = false;
    const test = readExpression<Values>(cursor, () => {
      cursor.skipSpace();
      const name = cursor.match(NAME);
      if (name === undefined || name === "...") throw invalidPattern();
      cursor.skipSpace();
      if (first === undefined) {
        first = name;
        // A place without a condition: only its name.
        isBare = cursor.atEnd || cursor.peek() === ",";
        if (isBare) return () => true;
      }
      this.#named.push(name);
      const passes = readValueTest(cursor, { bare: BARE, numeric: true, countRegex: () => this.#countRegex() });
      return (values) => passes(values[this.#indexes.get(name) ?? -1] ?? "");
    });
    return { name: first, test: isBare ? undefined : test };
  }

  #countRegex(): void {
    this.#regexes += 1;
    if (this.#regexes > MAX_REGEXES) throw invalidPattern();
  }
}
