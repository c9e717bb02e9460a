import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHECKSUM_ALGORITHMS, runningChecksum } from "./checksum.ts";
import { canCombine, combineCrcs } from "./combine-crc.ts";

function checksum(algorithm: string, ...pieces: readonly Uint8Array[]): string {
  const running = runningChecksum(algorithm)!;
  for (const piece of pieces) running.update(piece);
  return running.value();
}

const hex = (base64: string): string => Buffer.from(base64, "base64").toString("hex");

describe("checksums", () => {
  // "Catalogue of parametrised CRC algorithms": CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME.
  test.each([
    ["crc32", "cbf43926"],
    ["crc32c", "e3069283"],
    ["crc64nvme", "ae8b14860a799888"],
    ["sha1", createHash("sha1").update("123456789").digest("hex")],
    ["sha256", createHash("sha256").update("123456789").digest("hex")],
  ])("%s of 123456789", (algorithm, expected) => {
    expect(hex(checksum(algorithm, Buffer.from("123456789")))).toBe(expected);
  });

  test("of nothing", () => {
    expect(checksum("crc32")).toBe("AAAAAA==");
    expect(checksum("crc64nvme")).toBe("AAAAAAAAAAA=");
  });

  test("an algorithm that S3 does not have", () => {
    expect(runningChecksum("md5")).toBeUndefined();
    expect(() => combineCrcs("sha256", [])).toThrow(RangeError);
  });

  test.each(CHECKSUM_ALGORITHMS)("%s does not depend on where the bytes are cut", (algorithm) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (pieces) => {
        expect(checksum(algorithm, ...pieces)).toBe(checksum(algorithm, Buffer.concat(pieces)));
      }),
    );
  });

  test.each(CHECKSUM_ALGORITHMS.filter(canCombine))("%s of a whole follows from its parts", (algorithm) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }), (parts) => {
        const runs = parts.map((part) => ({ value: checksum(algorithm, part), size: part.length }));
        expect(combineCrcs(algorithm, runs)).toBe(checksum(algorithm, Buffer.concat(parts)));
      }),
    );
  });
});
