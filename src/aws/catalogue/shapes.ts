import { readFileSync } from "node:fs";
import { listOf, mapOf, type MemberEntry, type ShapeLine, type Target } from "./data-format.ts";
import { ListNode, MapNode, StructureNode } from "./shape-nodes.ts";
import { simpleShape } from "./simple-shapes.ts";
import { mergeTraits, noTraits } from "./traits.ts";
import type { Member, Shape, StructureShape, Traits } from "./model.ts";

/**
 * The shapes of one service, read on first use and built one by one. A shape is built once, and its members only when
 * somebody looks at them, so recursive shapes need no care.
 */
export class Shapes {
  readonly #file: URL;
  readonly #built = new Map<Target, Shape>();
  #lines: ReadonlyMap<string, string> | undefined;

  constructor(file: URL) {
    this.#file = file;
  }

  /** A named structure; throws if the data has none, for then the data is damaged. */
  structure(name: string): StructureShape {
    const shape = this.#shape(name);
    if (shape.kind !== "structure") throw this.#damaged(`${name} is no structure`);
    return shape;
  }

  /** A member by its entry in the data, with its target's traits below its own. */
  member(name: string, entry: MemberEntry): Member {
    const [target, own] = typeof entry === "object" ? entry : ([entry, noTraits] as const);
    const shape = this.#shape(target);
    return { name, target: shape, traits: mergeTraits(shape.traits, own) };
  }

  #shape(target: Target): Shape {
    const known = this.#built.get(target);
    if (known !== undefined) return known;
    const shape = typeof target === "number" ? this.#unnamed(target) : this.#named(target);
    this.#built.set(target, shape);
    return shape;
  }

  #unnamed(code: number): Shape {
    if (code >= mapOf) return new MapNode(this, "", noTraits, 0, code - mapOf);
    if (code >= listOf) return new ListNode(this, "", noTraits, code - listOf);
    return simpleShape(code, noTraits);
  }

  #named(name: string): Shape {
    const line = (this.#lines ??= this.#read()).get(name);
    if (line === undefined) throw this.#damaged(`no shape ${name}`);
    const parsed = JSON.parse(line) as ShapeLine;
    const traits: Traits = parsed[2] === 0 ? noTraits : parsed[2];
    switch (parsed[1]) {
      case 0:
        return simpleShape(parsed[3], traits);
      case 1:
        return new ListNode(this, name, traits, parsed[3]);
      case 2:
        return new MapNode(this, name, traits, parsed[3], parsed[4]);
      default:
        return new StructureNode(this, name, traits, parsed[1] === 4, parsed[3]);
    }
  }

  /** Lines by name. The name is the line's first string and holds neither quotes nor escapes. */
  #read(): ReadonlyMap<string, string> {
    const lines = new Map<string, string>();
    for (const line of readFileSync(this.#file, "utf8").split("\n")) {
      if (line !== "") lines.set(line.slice(2, line.indexOf('"', 2)), line);
    }
    return lines;
  }

  #damaged(what: string): Error {
    return new Error(`catalogue data is damaged: ${what} in ${this.#file.pathname}`);
  }
}
