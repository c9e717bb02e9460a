import type { MemberEntry } from "./data-format.ts";
import type { ListShape, MapShape, Member, StructureShape, Traits } from "./model.ts";

/** Who turns entries of the data into members. */
interface MemberSource {
  member(name: string, entry: MemberEntry): Member;
}

/** A structure or union whose members are built when they are first looked at. */
export class StructureNode implements StructureShape {
  readonly kind = "structure";
  readonly name: string;
  readonly union: boolean;
  readonly traits: Traits;
  readonly #source: MemberSource;
  readonly #entries: Readonly<Record<string, MemberEntry>>;
  #members: ReadonlyMap<string, Member> | undefined;

  constructor(
    source: MemberSource,
    name: string,
    traits: Traits,
    union: boolean,
    entries: Readonly<Record<string, MemberEntry>>,
  ) {
    this.#source = source;
    this.name = name;
    this.traits = traits;
    this.union = union;
    this.#entries = entries;
  }

  get members(): ReadonlyMap<string, Member> {
    this.#members ??= new Map(
      Object.entries(this.#entries).map(([name, entry]) => [name, this.#source.member(name, entry)] as const),
    );
    return this.#members;
  }
}

/** A list; `name` is "" where the model's own name is not known. */
export class ListNode implements ListShape {
  readonly kind = "list";
  readonly name: string;
  readonly traits: Traits;
  readonly #source: MemberSource;
  readonly #entry: MemberEntry;
  #member: Member | undefined;

  constructor(source: MemberSource, name: string, traits: Traits, entry: MemberEntry) {
    this.#source = source;
    this.name = name;
    this.traits = traits;
    this.#entry = entry;
  }

  get member(): Member {
    this.#member ??= this.#source.member("member", this.#entry);
    return this.#member;
  }
}

/** A map; `name` is "" where the model's own name is not known. */
export class MapNode implements MapShape {
  readonly kind = "map";
  readonly name: string;
  readonly traits: Traits;
  readonly #source: MemberSource;
  readonly #keyEntry: MemberEntry;
  readonly #valueEntry: MemberEntry;
  #key: Member | undefined;
  #value: Member | undefined;

  constructor(source: MemberSource, name: string, traits: Traits, key: MemberEntry, value: MemberEntry) {
    this.#source = source;
    this.name = name;
    this.traits = traits;
    this.#keyEntry = key;
    this.#valueEntry = value;
  }

  get key(): Member {
    this.#key ??= this.#source.member("key", this.#keyEntry);
    return this.#key;
  }

  get value(): Member {
    this.#value ??= this.#source.member("value", this.#valueEntry);
    return this.#value;
  }
}
