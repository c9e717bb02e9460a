/** What can lie in a bag, in one at a time. */
export interface Bagged {
  /** Where it lies; -1 while it lies in none. For the bag alone. */
  place: number;
}

/**
 * Things that come and go all the time, in no order.
 *
 * Not a `Set`: whenever its table is full of what was removed, the engine makes another, and the former one keeps alive what was in
 * it then, and the one that came after it. Once one has grown old, so does everything that ever comes, until all memory is looked through.
 */
export class Bag<Thing extends Bagged> implements Iterable<Thing> {
  readonly #things: Thing[] = [];

  get size(): number {
    return this.#things.length;
  }

  has(thing: Thing): boolean {
    return this.#things[thing.place] === thing;
  }

  /** It MUST NOT lie in a bag. */
  add(thing: Thing): void {
    thing.place = this.#things.length;
    this.#things.push(thing);
  }

  /** Without effect where it does not lie here. */
  delete(thing: Thing): void {
    if (!this.has(thing)) return;
    const last = this.#things.pop();
    if (last !== undefined && last !== thing) {
      this.#things[thing.place] = last;
      last.place = thing.place;
    }
    thing.place = -1;
  }

  /** What is removed or added meanwhile may be missed, or met twice. */
  [Symbol.iterator](): Iterator<Thing> {
    return this.#things.values();
  }
}
