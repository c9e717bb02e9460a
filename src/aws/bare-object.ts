/** Nothing is to be found in it. */
const nothing: object = Object.freeze(Object.create(null));

/** Called with `new`; a class would have a prototype with `constructor` in it. */
const Bare = function Bare() {} as unknown as new () => object;
Bare.prototype = nothing;

/**
 * An object that inherits no member, so that names from the wire (`__proto__`, `toString`) are names like any others. Not
 * `Object.create(null)`: the engine keeps those as hash tables, which are several times slower to fill and to write out.
 */
export function bareObject<Value>(): Record<string, Value> {
  return new Bare() as Record<string, Value>;
}
