import type { EventPattern } from "./event-pattern.ts";
import type { Scalar } from "./scalar.ts";

/**
 * One value of a field. `places` says in which elements of which arrays it stands: the array's number and the element's, in turn,
 * from the outermost; empty outside arrays of objects.
 */
export interface FieldValue {
  readonly value: Scalar;
  readonly places: readonly number[];
}

/** The leaves of an event that somebody asks for, by their path with dots. */
export type EventFields = ReadonlyMap<string, readonly FieldValue[]>;

/** The paths that patterns ask for, and all that lead to them. */
export class WantedFields {
  readonly #names = new Set<string>();
  readonly #onTheWay = new Set<string>();

  constructor(patterns: Iterable<EventPattern>) {
    for (const { branches } of patterns) for (const branch of branches) for (const name of branch.keys()) this.#add(name);
  }

  isAsked(path: string): boolean {
    return this.#names.has(path);
  }

  leadsOn(path: string): boolean {
    return this.#onTheWay.has(path);
  }

  #add(name: string): void {
    this.#names.add(name);
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) this.#onTheWay.add(name.slice(0, dot));
  }
}

/** Members whose names hold dots are found as if they were nested, as EventBridge finds them. */
export function eventFields(event: object, wanted: WantedFields): EventFields {
  const fields = new Map<string, FieldValue[]>();
  let arrays = 0;
  const visit = (value: unknown, path: string, places: readonly number[]): void => {
    if (Array.isArray(value)) {
      const array = arrays++;
      value.forEach((element: unknown, index) => {
        visit(element, path, typeof element === "object" && element !== null ? [...places, array, index] : places);
      });
    } else if (typeof value === "object" && value !== null) {
      if (path !== "" && !wanted.leadsOn(path)) return;
      for (const [name, member] of Object.entries(value)) {
        const full = path === "" ? name : `${path}.${name}`;
        if (wanted.isAsked(full) || wanted.leadsOn(full)) visit(member, full, places);
      }
    } else if (wanted.isAsked(path)) {
      const values = fields.get(path);
      const found = { value: value as Scalar, places };
      if (values === undefined) fields.set(path, [found]);
      // What a list repeats says nothing new.
      else if (values.at(-1)?.value !== value || values.at(-1)?.places !== places) values.push(found);
    }
  };
  visit(event, "", []);
  return fields;
}
