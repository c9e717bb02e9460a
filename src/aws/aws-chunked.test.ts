import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AwsChunkedDecoder, isAwsChunked } from "./aws-chunked.ts";

/** Cuts bytes into pieces of the given lengths, over and over. */
function* cut(bytes: Buffer, lengths: readonly number[]): Iterable<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function decode(framed: Buffer, lengths: readonly number[] = [1 << 20]) {
  const decoder = new AwsChunkedDecoder();
  // The decoder is destroyed with the error; whoever reads it sees it.
  const content = await buffer(
    Readable.from(cut(framed, lengths))
      .on("error", () => {})
      .compose(decoder) as Readable,
  );
  return { content, trailers: Object.fromEntries(decoder.trailers) };
}

const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });

describe("aws-chunked", () => {
  test("whatever the chunks, the extensions and the packets: the bytes and the trailers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 80 }), { maxLength: 6 }),
        fc.constantFrom("", ";chunk-signature=0123456789abcdef"),
        fc.constantFrom(
          "",
          "x-amz-checksum-crc32:AAAAAA==\r\n",
          "X-Amz-Checksum-Crc32: AAAAAA==\r\nx-amz-trailer-signature:ab\r\n",
        ),
        lengths,
        async (chunks, extension, trailers, packets) => {
          const framed = Buffer.concat([
            ...chunks.flatMap((chunk) => [
              Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`),
              chunk,
              Buffer.from("\r\n"),
            ]),
            Buffer.from(`0${extension}\r\n${trailers}\r\n`),
          ]);
          const decoded = await decode(framed, packets);
          expect(decoded.content).toEqual(Buffer.concat(chunks));
          expect(decoded.trailers["x-amz-checksum-crc32"]).toBe(trailers === "" ? undefined : "AAAAAA==");
        },
      ),
    );
  });

  test("a trailer whose line does not end", async () => {
    const { trailers } = await decode(Buffer.from("1\r\na\r\n0\r\nx-amz-checksum-sha1:v"));
    expect(trailers).toEqual({ "x-amz-checksum-sha1": "v" });
  });

  test.each([
    ["ends in a chunk", "5\r\nabc", "IncompleteBody"],
    ["ends before the last chunk", "3\r\nabc\r\n", "IncompleteBody"],
    ["is empty", "", "IncompleteBody"],
    ["has a size that is no number", "zz\r\nabc\r\n0\r\n\r\n", "InvalidRequest"],
    ["has more in a chunk than it says", "3\r\nabcd\r\n0\r\n\r\n", "InvalidRequest"],
    ["has an endless line", "1".repeat(20_000), "InvalidRequest"],
    ["has endless trailers", `0\r\n${Array.from({ length: 100 }, (_, index) => `h${index}:v\r\n`).join("")}`, "InvalidRequest"],
  ])("a body that %s", async (_what, framed, code) => {
    await expect(decode(Buffer.from(framed), [1000])).rejects.toMatchObject({ code });
  });

  test("what follows the end is passed over", async () => {
    const { content } = await decode(Buffer.from(`1\r\na\r\n0\r\n\r\n${"x".repeat(100_000)}`), [100]);
    expect(content.toString()).toBe("a");
  });

  test("is told by the payload's hash or the content encoding", () => {
    expect(isAwsChunked(new Map([["x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"]]))).toBe(true);
    expect(isAwsChunked(new Map([["content-encoding", "gzip,aws-chunked"]]))).toBe(true);
    expect(isAwsChunked(new Map([["x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-EVENTS"]]))).toBe(false);
    expect(isAwsChunked(new Map([["content-encoding", "gzip"]]))).toBe(false);
  });
});
