import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReadMemory } from "./read-memory.ts";

type Step = { readonly read: number } | { readonly spend: number } | "close";

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 256 * 1024 }) }) },
  { weight: 4, arbitrary: fc.record({ spend: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant("close" as const) },
);

describe("read memory", () => {
  test("what is lent is not written to before it is spent, whoever else reads", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), step), { maxLength: 200 }), (steps) => {
        const memories = [new ReadMemory(), new ReadMemory(), new ReadMemory()];
        const lent: { readonly piece: Buffer; readonly mark: number; readonly memory: ReadMemory }[] = [];
        let mark = 0;
        const take = (at: number, what: Step): void => {
          const memory = memories[at];
          if (memory === undefined) return;
          if (what === "close") {
            memory.close();
            memory.close();
            memories[at] = new ReadMemory();
          } else if ("read" in what) {
            const room = memory.room() ?? Buffer.alloc(64 * 1024);
            expect(room.length).toBeGreaterThanOrEqual(64 * 1024);
            const octets = room.subarray(0, what.read);
            mark = (mark + 1) % 251;
            octets.fill(mark);
            // As of a chunked answer: two pieces of one read, and what frames them.
            const middle = octets.length >> 1;
            for (const part of [octets.subarray(0, middle), octets.subarray(middle + 1)]) {
              if (part.length > 0) lent.push({ piece: memory.lend(part), mark, memory });
            }
          } else if (lent.length > 0) {
            const [one] = lent.splice(what.spend % lent.length, 1);
            one?.memory.spent(one.piece);
            one?.memory.spent(one.piece);
          }
        };
        for (const [at, what] of steps) {
          take(at, what);
          for (const { piece, mark: own } of lent) {
            if (piece[0] !== own || piece.at(-1) !== own) throw new Error("lent memory was written to");
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("one answer holds a megabyte at most; what comes then is copied", () => {
    const memory = new ReadMemory();
    const pieces: Buffer[] = [];
    for (let room = memory.room(); room !== undefined; room = memory.room()) pieces.push(memory.lend(room));
    expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(1024 * 1024);
    const elsewhere = Buffer.from("shared");
    const copy = memory.lend(elsewhere);
    elsewhere.fill(0);
    expect(copy.toString()).toBe("shared");
    const [first] = pieces;
    if (first !== undefined) memory.spent(first);
    expect(memory.room()?.buffer).toBe(first?.buffer);
  });

  test("memory goes on to the next answer", () => {
    const before = new ReadMemory();
    const room = before.room();
    before.close();
    expect(new ReadMemory().room()?.buffer).toBe(room?.buffer);
  });
});
