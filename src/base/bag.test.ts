import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Bag, type Bagged } from "./bag.ts";

it("holds what was added and not removed, whatever the order", () => {
  const step = fc.record({ add: fc.boolean(), at: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const things: Bagged[] = Array.from({ length: 10 }, () => ({ place: -1 }));
      const bag = new Bag<Bagged>();
      const model = new Set<Bagged>();
      for (const { add, at } of steps) {
        const thing = things[at]!;
        if (!add) {
          bag.delete(thing);
          model.delete(thing);
        } else if (!model.has(thing)) {
          bag.add(thing);
          model.add(thing);
        }
        expect(bag.size).toBe(model.size);
        expect(new Set(bag)).toEqual(model);
        for (const each of things) expect(bag.has(each)).toBe(model.has(each));
      }
    }),
  );
});
