import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredEntry } from "../../journal/journal.ts";
import { indexOf } from "./history.test-support.ts";
import { packBatch, unpackBatch } from "./packed-batch.ts";
import { packPage, unpackPage } from "./packed-page.ts";

const octets = fc.uint8Array({ maxLength: 2000 });
const entry = fc.record({ kind: fc.constantFrom("event", "intent"), head: octets, body: octets });
const plain = ({ kind, position, head, body }: StoredEntry): unknown => [kind, position, [...head], [...body]];

test("a batch comes out as it went in, also of a buffer that is used again; of what is no event only the place", () => {
  let spare: ArrayBuffer | undefined;
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 30 }), fc.nat(2 ** 48), (entries, first) => {
      const batch = entries.map((some, at) => ({ ...some, position: first + at }) as StoredEntry);
      spare = packBatch(batch, spare);
      const empty = new Uint8Array();
      const kept = batch.map((some) => (some.kind === "event" ? some : { ...some, head: empty, body: empty }));
      expect(unpackBatch(spare).map(plain)).toEqual(kept.map(plain));
    }),
  );
  expect(spare?.byteLength).toBe(1024 * 1024);
});

test("a page comes out as it went in, its records copied out of what they were part of", () => {
  fc.assert(
    fc.property(fc.array(octets, { maxLength: 50 }), fc.option(fc.string(), { nil: undefined }), (records, nextToken) => {
      const events = records.map((record, at) => ({ index: indexOf(at + 1), position: at + 1, record }));
      const page = { events, ...(nextToken !== undefined && { nextToken }), scanned: 7 };
      const packed = packPage(page);
      expect(packed.records.byteLength).toBe(records.reduce((sum, record) => sum + record.length, 0));
      expect(unpackPage(structuredClone(packed, { transfer: [packed.records] }))).toEqual(page);
    }),
  );
});
