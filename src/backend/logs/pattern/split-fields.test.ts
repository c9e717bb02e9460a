import * as fc from "fast-check";
import { expect, test } from "vitest";
import { splitFields } from "./split-fields.ts";

/** The same by an expression, which is not linear. */
function bySplitting(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"(?=\s|$)|\[([^\]]*)\](?=\s|$)|(\S+)/g)].map(
    (found) => found[1] ?? found[2] ?? found[3] ?? "",
  );
}

test("fields between spaces, quotation marks and brackets", () => {
  const line = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 "" []';
  expect(splitFields(line).map(({ value }) => value)).toEqual([
    "127.0.0.1",
    "-",
    "frank",
    "10/Oct/2000:13:25:15 -0700",
    "GET /index.html HTTP/1.0",
    "404",
    "",
    "",
  ]);
});

test("does as the expression does", () => {
  const texts = fc.array(fc.constantFrom('"', "[", "]", " ", "a", "b", "\n"), { maxLength: 20 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, (text) => {
      const fields = splitFields(text);
      expect(fields.map(({ value }) => value)).toEqual(bySplitting(text));
      for (const { value, at } of fields) {
        const marked = /["[]/.test(text.charAt(at)) && text.startsWith(value, at + 1);
        expect(marked || text.startsWith(value, at)).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

test.each(["[a ".repeat(330_000), '"a'.repeat(330_000), `${"[a ".repeat(330_000)}]x`])(
  "takes time in the text's length",
  (text) => {
    const began = performance.now();
    expect(splitFields(text).length).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(5000);
  },
);
