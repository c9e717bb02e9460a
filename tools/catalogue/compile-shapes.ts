import {
  listOf,
  mapOf,
  simpleTypes,
  type MemberEntry,
  type ShapeLine,
  type Target,
} from "../../src/aws/catalogue/data-format.ts";
import { compileTraits } from "./compile-traits.ts";
import type { NamedSchema, OperationSchema, SchemaReference, StructureSchema } from "./service-model.ts";

const simpleCodes = new Set<number>(Object.values(simpleTypes));

/** Collects every shape that can be reached from the operations it is asked about. */
export class ShapeCompiler {
  readonly #seen = new Set<NamedSchema>();
  readonly #lines: ShapeLine[] = [];

  /** Shapes sorted by name, so that the same model always gives the same bytes. Throws if two of one name differ. */
  lines(): readonly string[] {
    const byName = new Map<string, string>();
    for (const line of this.#lines) {
      const text = JSON.stringify(line);
      // The clients repeat small lists and maps inline wherever they are used.
      if ((byName.get(line[0]) ?? text) !== text) throw new Error(`two different shapes are called ${line[0]}`);
      byName.set(line[0], text);
    }
    return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  }

  /** The name of an operation's input or output; null for none. */
  addRoot(operation: OperationSchema, position: 4 | 5): string | null {
    const schema = dereference(operation[position]);
    if (schema === "unit") return null;
    if (typeof schema === "number" || (schema[0] !== 3 && schema[0] !== 4)) {
      throw new Error(`${operation[2]}: input or output is no structure`);
    }
    return this.#add(schema);
  }

  #add(schema: NamedSchema): string {
    const [, , name] = schema;
    if (!this.#seen.has(schema)) {
      this.#seen.add(schema);
      this.#lines.push(this.#compile(schema));
    }
    return name;
  }

  #compile(schema: NamedSchema): ShapeLine {
    const [kind, , name] = schema;
    const traits = compileTraits(schema[3], kind === 4);
    switch (kind) {
      case 0:
        return [name, 0, traits, checked(schema[4])];
      case 1:
        return [name, 1, traits, this.#member(schema[4])];
      case 2:
        return [name, 2, traits, this.#member(schema[4]), this.#member(schema[5])];
      default:
        return [name, kind === 4 ? 4 : 3, traits, this.#members(schema)];
    }
  }

  #members(schema: StructureSchema): Record<string, MemberEntry> {
    const members: Record<string, MemberEntry> = {};
    for (const [position, reference] of schema[5].entries()) {
      const name = schema[4][position];
      // A numeric name would not keep its place in a JSON object, and this one would not be a member at all.
      if (name === undefined || /^\d/.test(name) || name === "__proto__")
        throw new Error(`${schema[2]}: bad member name ${name}`);
      members[name] = this.#member(reference);
    }
    return members;
  }

  #member(reference: SchemaReference): MemberEntry {
    if (Array.isArray(reference) && reference.length === 2) {
      const [inner, traits] = reference as readonly [SchemaReference, number | Record<string, unknown>];
      const compiled = compileTraits(traits, false);
      const target = this.#target(inner);
      return compiled === 0 ? target : [target, compiled];
    }
    return this.#target(reference);
  }

  #target(reference: SchemaReference): Target {
    const schema = dereference(reference);
    if (typeof schema === "number") return checked(schema);
    if (schema === "unit") return this.#add([3, "smithy.api", "Unit", 0, [], []]);
    return this.#add(schema);
  }
}

function dereference(reference: SchemaReference): number | "unit" | NamedSchema {
  let current = reference;
  while (typeof current === "function") current = current();
  if (typeof current === "object" && current.length === 2) throw new Error("a member stands where a shape was expected");
  return current as number | "unit" | NamedSchema;
}

function checked(code: number): number {
  const base = code >= mapOf ? code - mapOf : code >= listOf ? code - listOf : code;
  if (!simpleCodes.has(base)) throw new Error(`unknown simple type ${code}`);
  return code;
}
