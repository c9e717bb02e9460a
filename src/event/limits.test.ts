import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { truncateUtf8 } from "./limits.ts";

describe("truncateUtf8", () => {
  it("is the longest beginning that fits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.integer({ min: 0, max: 80 }), (text, maximum) => {
        const cut = truncateUtf8(text, maximum);
        expect(text.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maximum);
        const next = String.fromCodePoint(...[text.codePointAt(cut.length) ?? []].flat());
        if (cut !== text) expect(Buffer.byteLength(cut + next)).toBeGreaterThan(maximum);
      }),
    );
  });
});
