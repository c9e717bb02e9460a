import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PieceQueue } from "./piece-queue.ts";

test("gives back what was put in, whatever the sizes", () => {
  const step = fc.oneof(fc.constantFrom("shift", "all"), fc.constantFrom(0, 1, 2, 100, 255, 300, 1023, 1024, 5000));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new PieceQueue();
      let model = Buffer.alloc(0);
      const seen: [Buffer, Buffer][] = [];
      let octet = 0;
      for (const step of steps) {
        if (typeof step === "number") {
          const piece = Buffer.alloc(step, (octet += 1));
          queue.push(piece);
          model = Buffer.concat([model, piece]);
        } else {
          const taken = step === "shift" ? (queue.shift() ?? Buffer.alloc(0)) : queue.takeAll();
          seen.push([taken, Buffer.from(model.subarray(0, taken.length))]);
          model = model.subarray(taken.length);
        }
        expect(queue.octets).toBe(model.length);
      }
      expect(queue.takeAll()).toEqual(model);
      // Not written over by what came later.
      for (const [taken, then] of seen) expect(taken).toEqual(then);
    }),
  );
});

test("single octets share memory", () => {
  const queue = new PieceQueue();
  for (let i = 0; i < 64 * 1024; i += 1) queue.push(Buffer.of(i & 0xff));
  let pieces = 0;
  while (queue.shift() !== undefined) pieces += 1;
  expect(pieces).toBeLessThan(20);
});
