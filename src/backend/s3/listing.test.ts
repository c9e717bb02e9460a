import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { leapOver, listPage } from "./listing.ts";
import { afterPrefix } from "./key-range.ts";
import { ObjectTable } from "./object-table.ts";
import { prepareSchema } from "./schema.ts";

/** Few characters, so that keys share beginnings; the last there is, a surrogate pair, and one that UTF-16 sorts elsewhere. */
const character = fc.constantFrom("a", "b", "/", "-", "\u{10ffff}", "\u{1f600}", "\u{fffd}", "\u{d7ff}");
const text = fc.array(character, { maxLength: 5 }).map((characters) => characters.join(""));
const key = fc.array(character, { minLength: 1, maxLength: 6 }).map((characters) => characters.join(""));
const byOctets = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

interface Page {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
}

/** What S3 documents, done the slow way: every name that a listing shows, in order. */
function model(keys: readonly string[], prefix: string, delimiter: string): readonly string[] {
  const names = keys
    .filter((one) => one.startsWith(prefix))
    .map((one) => {
      const cut = delimiter === "" ? -1 : one.indexOf(delimiter, prefix.length);
      return cut < 0 ? `key ${one}` : `prefix ${one.slice(0, cut + delimiter.length)}`;
    });
  return [...new Set(names)].sort((one, other) => byOctets(one.replace(/^\w+ /, ""), other.replace(/^\w+ /, "")));
}

test("pages together are the listing, each is full, and none begins with what the one before ended with", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 25 }),
      text,
      fc.oneof(fc.constant(""), fc.constant("/"), key),
      fc.integer({ min: 1, max: 6 }),
      (keys, prefix, delimiter, most) => {
        const database = new DatabaseSync(":memory:");
        prepareSchema(database);
        const table = new ObjectTable(database);
        for (const one of keys) {
          table.put({
            bucket: "bucket",
            key: one,
            body: [],
            size: 0,
            etag: "",
            modified: 0,
            headers: {},
            tags: {},
            checksum: undefined,
          });
        }
        const pages: Page[] = [];
        let after: string | undefined = "";
        while (after !== undefined && pages.length <= keys.length) {
          const start: string = after;
          const leap = leapOver(start, { prefix, delimiter });
          const page = listPage({ prefix, delimiter, most }, (from) => table.range("bucket", start, leap, from));
          pages.push({ keys: page.items.map((item) => item.key), prefixes: page.prefixes });
          after = page.end?.name;
        }
        const sizes = pages.map((page) => page.keys.length + page.prefixes.length);
        expect(sizes.slice(0, -1).every((size) => size === most)).toBe(true);
        expect(sizes.length === 1 || sizes.at(-1)! > 0).toBe(true);
        const found = pages.flatMap((page) =>
          [...page.keys.map((one) => `key ${one}`), ...page.prefixes.map((one) => `prefix ${one}`)].sort((one, other) =>
            byOctets(one.replace(/^\w+ /, ""), other.replace(/^\w+ /, "")),
          ),
        );
        expect(found).toEqual(model(keys, prefix, delimiter));
        database.close();
      },
    ),
    { numRuns: 300 },
  );
});

test("the text after a prefix comes after all that begin with it, and before all that come after those", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "grapheme" }),
      (prefix, rest, other) => {
        const next = afterPrefix(prefix);
        if (next === undefined) return;
        expect(byOctets(prefix + rest, next)).toBeLessThan(0);
        if (byOctets(other, prefix) > 0 && !other.startsWith(prefix)) expect(byOctets(other, next)).toBeGreaterThanOrEqual(0);
      },
    ),
  );
  expect(afterPrefix("\u{10ffff}")).toBeUndefined();
  expect(afterPrefix("a\u{10ffff}")).toBe("b");
  expect(afterPrefix("\u{d7ff}")).toBe("\u{e000}");
});
