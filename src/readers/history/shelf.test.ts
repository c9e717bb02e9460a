import * as fc from "fast-check";
import { expect, test } from "vitest";
import { packFrame, rawFrame, unpackFrame, type EventBytes } from "./frame.ts";
import { frameOf, packShelf } from "./shelf.ts";

const event = fc.record<EventBytes>({ head: fc.uint8Array({ maxLength: 300 }), record: fc.uint8Array({ maxLength: 3000 }) });
const frames = fc.array(fc.array(event, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 });

test("every event comes back from its frame on a shelf", () => {
  fc.assert(
    fc.property(frames, (runs) => {
      const shelf = packShelf(runs.map((run) => packFrame(rawFrame(run), "well")));
      for (const [at, run] of runs.entries()) {
        const found = unpackFrame(frameOf(shelf, at)).map(({ head, record }) => [Buffer.from(head), Buffer.from(record)]);
        expect(found).toEqual(run.map(({ head, record }) => [Buffer.from(head), Buffer.from(record)]));
      }
      expect(() => frameOf(shelf, runs.length)).toThrow(RangeError);
    }),
    { numRuns: 50 },
  );
});

test("a flipped bit is noticed", () => {
  const { packed, length } = packFrame(
    rawFrame(Array.from({ length: 9 }, (_, at) => ({ head: Buffer.from(`h${at}`), record: Buffer.alloc(99, at) }))),
    "well",
  );
  fc.assert(
    fc.property(fc.nat(packed.length * 8 - 1), (bit) => {
      const broken = Uint8Array.from(packed);
      broken[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => {
        // Some bits of the frame's header mean nothing: then the content must be the same.
        expect(unpackFrame({ packed: broken, length })).toEqual(unpackFrame({ packed, length }));
        throw new Error("same content");
      }).toThrow();
    }),
  );
  expect(() => unpackFrame({ packed, length: length - 1 })).toThrow();
  expect(() => unpackFrame({ packed, length: length + 1 })).toThrow();
});
