import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkedPayload } from "./chunked-payload.ts";

function read(
  bytes: Uint8Array,
  cuts: readonly number[],
): { payload: Buffer; trailers: Map<string, string>; broken: boolean; ended: boolean } {
  const parts: Uint8Array[] = [];
  const reader = new ChunkedPayload((part) => parts.push(part));
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i += 1) reader.push(bytes.subarray(edges[i - 1], edges[i]));
  reader.end();
  return { payload: Buffer.concat(parts), trailers: reader.trailers, broken: reader.broken, ended: reader.ended };
}

test("however the stream is cut, the payload and the trailers come out", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
      fc.boolean(),
      fc.array(fc.tuple(fc.stringMatching(/^x-amz-[a-z0-9-]{1,20}$/), fc.stringMatching(/^[A-Za-z0-9+/=:]{0,30}$/)), {
        maxLength: 4,
      }),
      fc.constantFrom("\r\n\r\n", "\r\n", ""),
      fc.array(fc.nat(3000), { maxLength: 20 }),
      (chunks, isSigned, trailers, end, cuts) => {
        const extension = isSigned ? `;chunk-signature=${"0".repeat(64)}` : "";
        const framed = chunks.flatMap((chunk) => [
          Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`),
          chunk,
          Buffer.from("\r\n"),
        ]);
        const last = `0${extension}\r\n${trailers.map(([name, value]) => `${name}:${value}`).join("\r\n")}${end}`;
        const result = read(Buffer.concat([...framed, Buffer.from(last)]), cuts);
        expect(Buffer.compare(result.payload, Buffer.concat(chunks))).toBe(0);
        expect(Object.fromEntries(result.trailers)).toEqual(Object.fromEntries(trailers));
        expect([result.broken, result.ended]).toEqual([false, true]);
      },
    ),
  );
});

test("what is no framing is noticed and kept small", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), fc.array(fc.nat(20_000)), (bytes, cuts) => {
      const result = read(bytes, cuts);
      expect(result.payload.length).toBeLessThanOrEqual(bytes.length);
    }),
  );
  expect(read(Buffer.from("xyz\r\nabc"), []).broken).toBe(true);
  expect(read(Buffer.from("3\r\nabcd\r\n0\r\n"), []).broken).toBe(true);
  expect(read(Buffer.alloc(9000, "a"), [100, 5000]).broken).toBe(true);
  expect(read(Buffer.from("3\r\nab"), []).ended).toBe(false);
});
