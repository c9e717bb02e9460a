import type { Member, Shape, StructureShape, Traits } from "../catalogue/model.ts";
import type { Tree, TreeObject } from "../tree.ts";
import { isStream } from "./http-bindings.ts";
import { isTreeObject, type OpenTree } from "./tree-builder.ts";

/** How much of a shape a generated value fills: what the SDK insists on, everything, or a random part. */
export type Fullness = "minimal" | "maximal" | "random";

const MAX_LEVELS = 5;
const TEXTS = [
  "a",
  "two words",
  "50% off & more",
  "a+b=c",
  'say "hi"',
  "it's <b>&lt;</b>",
  "naïve 日本 🎈",
  "x,y;z",
  " edges ",
  "1",
];
const HEADER_TEXTS = ["a", "two words", "50%", "a+b=c", "x;y", "1"];
const LABEL_TEXTS = ["a", "two words", "50%25", "a+b=c&d", "naïve", "x,y;z", "tab\there"];
const GREEDY_TEXTS = ["a/b/c", "a b/c+d%2F/e", "a/b."];

/** Makes values of shapes as callers of an SDK would give them. The same seed gives the same values. */
export class ShapeValues {
  #state: number;
  readonly #fullness: Fullness;

  constructor(fullness: Fullness, seed: number) {
    this.#fullness = fullness;
    this.#state = seed >>> 0;
  }

  structure(shape: StructureShape, uri = "", level = 0): TreeObject {
    const value: OpenTree = {};
    const members = [...shape.members.values()];
    if (shape.union) {
      const member = this.#pick(members.filter(({ target }) => level < MAX_LEVELS || isLeaf(target)));
      if (member !== undefined) value[member.name] = this.#member(member, uri, level);
      return value;
    }
    for (const member of members) {
      if (this.#wants(member, level)) value[member.name] = this.#member(member, uri, level);
    }
    // Query protocols have no words for a structure without members.
    const any = members.find(({ target }) => isLeaf(target)) ?? (level < 2 * MAX_LEVELS ? members[0] : undefined);
    if (level > 0 && Object.keys(value).length === 0 && any !== undefined) value[any.name] = this.#member(any, uri, level);
    return value;
  }

  #wants({ target, traits }: Member, level: number): boolean {
    if (traits.httpLabel === true || traits.hostLabel === true || isStream(traits)) return true;
    if (level >= MAX_LEVELS && !isLeaf(target)) return false;
    if (this.#fullness === "random") return this.#next(3) === 0;
    return this.#fullness === "maximal";
  }

  #member(member: Member, uri: string, level: number): Tree {
    const { traits, target } = member;
    // An SDK takes a stream of events as something to iterate; one that ends at once is the shortest.
    if (traits.eventStream === true) return { async *[Symbol.asyncIterator]() {} } as unknown as TreeObject;
    if (traits.hostLabel === true) return "label";
    if (traits.httpLabel === true && target.kind === "string") {
      return this.#pick(uri.includes(`{${member.name}+}`) ? GREEDY_TEXTS : LABEL_TEXTS) ?? "a";
    }
    return this.#shape(target, traits, level);
  }

  #shape(shape: Shape, traits: Traits, level: number): Tree {
    const inHeader = traits.httpHeader !== undefined || traits.httpPrefixHeaders !== undefined;
    switch (shape.kind) {
      case "structure":
        return this.structure(shape, "", level + 1);
      case "list": {
        const item: Traits = { ...shape.member.traits, ...(inHeader ? { httpHeader: "" } : {}) };
        return this.#times((index) =>
          index > 0 && !this.#fits(shape.member, level) ? undefined : this.#shape(shape.member.target, item, level + 1),
        );
      }
      case "map": {
        const map: OpenTree = {};
        const item: Traits = { ...shape.value.traits, ...(inHeader ? { httpHeader: "" } : {}) };
        for (const value of this.#times(() => this.#shape(shape.value.target, item, level + 1))) {
          map[inHeader ? `key-${Object.keys(map).length}` : `Key.${Object.keys(map).length} &`] = value;
        }
        return map;
      }
      case "string":
        if (traits.mediaType !== undefined) return '{"a":[1,"two"]}';
        return this.#pick(inHeader ? HEADER_TEXTS : TEXTS) ?? "";
      case "boolean":
        return this.#next(2) === 0;
      case "number":
        return this.#next(1_000_000);
      case "bigInteger":
        return BigInt(this.#next(1_000_000)) * 10n ** 14n + 1n;
      case "bigDecimal":
        return this.#next(1000) / 8;
      case "blob":
        return Uint8Array.from({ length: 1 + this.#next(20) }, () => this.#next(256));
      case "timestamp":
        return new Date((1_600_000_000 + this.#next(100_000_000)) * 1000);
      case "document":
        return { text: "a", list: [1, true, { deep: "b" }] };
    }
  }

  #fits(member: Member, level: number): boolean {
    return isLeaf(member.target) || level < MAX_LEVELS - 2;
  }

  #times(make: (index: number) => Tree | undefined): Tree[] {
    const count = this.#fullness === "maximal" ? 2 : 1 + this.#next(3);
    return Array.from({ length: count }, (_, index) => make(index)).filter((value) => value !== undefined);
  }

  #pick<T>(values: readonly T[]): T | undefined {
    return values[this.#next(values.length)];
  }

  /** A number below `limit` (mulberry32). */
  #next(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
}

function isLeaf(shape: Shape): boolean {
  return shape.kind !== "structure" && shape.kind !== "list" && shape.kind !== "map";
}

/**
 * Where `decoded` differs from the value that was sent, as a path; undefined where it does not. What the wire cannot tell
 * is let pass: streams, which are never decoded, and what an SDK adds of its own (idempotency tokens, headers).
 */
export function differenceOf(shape: StructureShape, sent: TreeObject, decoded: TreeObject): string | undefined {
  return structureDifference(shape, sent, decoded, "", true);
}

function structureDifference(
  shape: StructureShape,
  sent: TreeObject,
  decoded: TreeObject,
  path: string,
  top: boolean,
): string | undefined {
  for (const name of Object.keys(decoded)) if (!shape.members.has(name)) return `${path}.${name} (unknown)`;
  const order = [...shape.members.keys()].filter((name) => name in decoded).join();
  if (Object.keys(decoded).join() !== order) return `${path} (order)`;
  for (const member of shape.members.values()) {
    const { traits, name } = member;
    const was = sent[name];
    const is = decoded[name];
    const added = was === undefined && (traits.idempotencyToken === true || (top && traits.httpHeader !== undefined));
    if (added) continue;
    if (isStream(traits)) {
      if (is !== undefined) return `${path}.${name} (stream)`;
      continue;
    }
    const difference = valueDifference(member.target, was, is, `${path}.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function valueDifference(shape: Shape, was: Tree | undefined, is: Tree | undefined, path: string): string | undefined {
  if (was === undefined || is === undefined)
    return was === is ? undefined : `${path} (${was === undefined ? "extra" : "missing"})`;
  if (shape.kind === "structure" && isTreeObject(was) && isTreeObject(is))
    return structureDifference(shape, was, is, path, false);
  if (shape.kind === "list" && Array.isArray(was) && Array.isArray(is)) {
    if (was.length !== is.length) return `${path} (${is.length} elements instead of ${was.length})`;
    return firstDefined(was.keys(), (index) => valueDifference(shape.member.target, was[index], is[index], `${path}[${index}]`));
  }
  if (shape.kind === "map" && isTreeObject(was) && isTreeObject(is)) {
    if (Object.keys(was).length !== Object.keys(is).length) return `${path} (keys)`;
    return firstDefined(Object.keys(was), (key) => valueDifference(shape.value.target, was[key], is[key], `${path}{${key}}`));
  }
  return comparable(shape, was) === comparable(shape, is)
    ? undefined
    : `${path} (${comparable(shape, is)} instead of ${comparable(shape, was)})`;
}

function firstDefined<T>(values: Iterable<T>, find: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A leaf as text that begins with its type. A big decimal has no type of its own: its text is its value. */
function comparable(shape: Shape, value: Tree): string {
  if (shape.kind === "bigDecimal") return `decimal ${String(value)}`;
  if (value instanceof Date) return `date ${value.toISOString()}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (typeof value === "bigint") return `integer ${value}`;
  return typeof value === "object" ? `object ${JSON.stringify(value)}` : `${typeof value} ${value}`;
}
