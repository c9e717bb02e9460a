import type { EventIndex } from "../../event/built-event.ts";
import { ATTRIBUTE_KEYS, attributeValues, type AttributeKey } from "./attribute.ts";

/** Within what an attribute is looked up: one account's events of one Region and category. */
export type Scope = Pick<EventIndex, "account" | "region" | "category">;

/** Stands for every event of a scope, where no attribute is asked for. */
export const EVERY_EVENT = "*";

const TAG = new Map<string, number>([EVERY_EVENT, ...ATTRIBUTE_KEYS].map((key, at) => [key, at + 1]));

/**
 * Terms are 31-bit hashes of scope, attribute and value, so that a posting costs four octets whatever the value. Two
 * values may share a term: whoever reads a posting compares the event itself. The seed keeps outsiders from choosing
 * values that do.
 */
export class Terms {
  static readonly seedLength = 8;
  readonly #seed: readonly [number, number];
  readonly #scopes = new Map<string, readonly [number, number]>();

  /** `seed`: `seedLength` octets. */
  constructor(seed: Uint8Array) {
    const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
    this.#seed = [view.getUint32(0), view.getUint32(4)];
  }

  of(scope: Scope, key: AttributeKey | typeof EVERY_EVENT, value: string): number {
    const start = this.#scope(scope);
    return finish(feed(start[0] ^ (TAG.get(key) ?? 0), start[1] + (TAG.get(key) ?? 0), value));
  }

  /** Calls `each` with every term of the event; with some of them more than once. */
  forEach(index: EventIndex, each: (term: number) => void): void {
    each(this.of(index, EVERY_EVENT, ""));
    for (const key of ATTRIBUTE_KEYS) for (const value of attributeValues(index, key)) each(this.of(index, key, value));
  }

  #scope(scope: Scope): readonly [number, number] {
    const name = `${scope.category}\n${scope.account}\n${scope.region}\n`;
    let state = this.#scopes.get(name);
    if (state === undefined) {
      if (this.#scopes.size >= 4096) this.#scopes.clear();
      state = feed(this.#seed[0], this.#seed[1], name);
      this.#scopes.set(name, state);
    }
    return state;
  }
}

/** Two multiplicative lanes; odd constants of no meaning. */
function feed(first: number, second: number, text: string): readonly [number, number] {
  let a = first | 0;
  let b = second | 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x2c1b_3c6d);
    a ^= a >>> 15;
    b = Math.imul(b + unit, 0x297a_2d39);
    b ^= b >>> 13;
  }
  return [a, b];
}

function finish([a, b]: readonly [number, number]): number {
  let mixed = a ^ Math.imul(b, 0x1b56_c4e9);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x846c_a68b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x7b1c_2a35);
  return (mixed ^ (mixed >>> 16)) >>> 1;
}
