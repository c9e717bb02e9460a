import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hashMember, inflateMember } from "./inflate-member.ts";

const LIMIT = 64 * 1024;

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** As a whole, and in pieces of a size: both must come to the same. */
async function hashed(bytes: Uint8Array, size: number, limit = LIMIT): Promise<string> {
  const told = async (length: number): Promise<string> =>
    await hashMember(pieces(bytes, size), length, limit).catch((error: Error) => error.message);
  const [whole, inPieces] = [await told(bytes.length), await told(Number.NaN)];
  expect(inPieces).toBe(whole);
  return whole;
}

const content = fc.uint8Array({ maxLength: 5000 });
const size = fc.integer({ min: 1, max: 700 });

test("one member is what it inflates to", async () => {
  await fc.assert(
    fc.asyncProperty(content, size, async (bytes, size) => {
      expect(await hashed(gzipSync(bytes), size)).toBe(createHash("sha256").update(bytes).digest("hex"));
      expect(inflateMember(gzipSync(bytes), LIMIT)).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 50 },
  );
});

test("whatever stands behind the member is told", async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.uint8Array({ minLength: 1, maxLength: 20 }), size, async (bytes, more, size) => {
      expect(await hashed(Buffer.concat([gzipSync(bytes), more]), size)).toBe("trailing");
      expect(await hashed(Buffer.concat([gzipSync(bytes), gzipSync(more)]), size)).toBe("trailing");
    }),
    { numRuns: 50 },
  );
});

test("cut off or changed anywhere, it is no member, or another one", async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), size, async (bytes, where, size) => {
      const file = gzipSync(bytes);
      const at = Math.floor(file.length * where);
      expect(await hashed(file.subarray(0, at), size)).toBe("format");
      const edited = Buffer.from(file);
      edited[at] = (edited[at] ?? 0) ^ 1;
      const result = await hashed(edited, size);
      // Bytes 4 to 9 of the header say nothing of the content.
      if (at >= 10) expect(["format", "trailing", "too-large"]).toContain(result);
    }),
    { numRuns: 100 },
  );
});

test("names and comments in the header are passed over", async () => {
  const plain = gzipSync("content");
  const header = Buffer.from(plain.subarray(0, 10));
  header[3] = 4 + 8 + 16 + 2;
  const file = Buffer.concat([
    header,
    Buffer.from([3, 0, 1, 2, 3]),
    Buffer.from("name\0comment\0"),
    Buffer.from([0, 0]),
    plain.subarray(10),
  ]);
  expect(await hashed(file, 3)).toBe(createHash("sha256").update("content").digest("hex"));
  expect(await hashed(Buffer.concat([header, Buffer.alloc(100_000, 1)]), 70_000)).toBe("format");
});

test("a bomb is left when it has grown over the limit", async () => {
  const bomb = gzipSync(Buffer.alloc(5_000_000));
  expect(await hashed(bomb, 1000)).toBe("too-large");
  expect(await hashed(bomb, 1000, 5_000_000)).toBe(createHash("sha256").update(Buffer.alloc(5_000_000)).digest("hex"));
  expect(() => inflateMember(bomb, LIMIT)).toThrow("too-large");
});
