import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AwsChunkedReader } from "./aws-chunked-reader.ts";

function read(
  bytes: Uint8Array,
  cuts: readonly number[],
): { payload: Buffer; trailers: Map<string, string>; problem: string | undefined; ended: boolean } {
  const parts: Uint8Array[] = [];
  const reader = new AwsChunkedReader((part) => parts.push(part));
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < edges.length; i += 1) reader.push(bytes.subarray(edges[i - 1], edges[i]));
  reader.end();
  return { payload: Buffer.concat(parts), trailers: reader.trailers, problem: reader.problem, ended: reader.ended };
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
        expect([result.problem, result.ended]).toEqual([undefined, true]);
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
  expect(read(Buffer.from("xyz\r\nabc"), []).problem).toBe("a malformed chunk header");
  expect(read(Buffer.from("3\r\nabcd\r\n0\r\n"), []).problem).toBe("a chunk that is longer than it says");
  expect(read(Buffer.alloc(9000, "a"), [100, 5000]).problem).toBe("an endless line");
  expect(read(Buffer.from("3\r\nab"), []).ended).toBe(false);
});

test.each([
  ["in front of the trailers", "0\r\n\r\nx-amz-checksum-crc32:AA==\r\n\r\n"],
  // As the S3 API Reference has it in its example: `\n\r\n` between trailers and their signature.
  ["between them", "0\r\nx-amz-checksum-crc32:AA==\n\r\nx-amz-trailer-signature:ab\r\n\r\n"],
])("an empty line %s", (_where, text) => {
  const { trailers, problem } = read(Buffer.from(text), []);
  expect([trailers.get("x-amz-checksum-crc32"), problem]).toEqual(["AA==", undefined]);
});
