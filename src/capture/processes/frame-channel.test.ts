import { duplexPair } from "node:stream";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { JournalEntry } from "../../journal/journal.ts";
import { entriesIn, entryParts } from "./entry-bytes.ts";
import { ProcessLink } from "./process-link.ts";

const quiet = { onRequest: async () => undefined, onNotice: () => {}, onEnd: () => {} };

const told = ({ kind, head, body }: JournalEntry): string =>
  [kind, Buffer.from(head).toString("base64"), Buffer.from(body).toString("base64")].join(" ");

test("entries arrive as they were sent, in order, however the pipe cuts them", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 70_000, max: 70_100 }).map((length) => new Uint8Array(length).fill(length % 251)),
  );
  const entry = fc.record({
    kind: fc.constantFrom("event" as const, "intent" as const, "settled" as const),
    head: bytes,
    body: bytes,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 4 }), { minLength: 1, maxLength: 12 }), async (appends) => {
      const [here, there] = duplexPair({ highWaterMark: 1000 });
      const got: unknown[] = [];
      const server = new ProcessLink(there, {
        ...quiet,
        onRequest: async (topic, payload) => {
          const entries = entriesIn(payload);
          got.push(entries.map(told));
          if (entries.length === 3) throw new Error("three are too many");
          return Buffer.from([topic, entries.length]);
        },
      });
      const client = new ProcessLink(here, quiet);
      const replies = await Promise.allSettled(appends.map((entries, at) => client.request(at, ...entryParts(entries))));
      expect(got).toEqual(appends.map((entries) => entries.map(told)));
      for (const [at, reply] of replies.entries()) {
        const length = appends[at]?.length ?? 0;
        if (length === 3) expect(reply).toMatchObject({ status: "rejected", reason: { message: "three are too many" } });
        else expect(reply).toMatchObject({ status: "fulfilled", value: Buffer.from([at, length]) });
      }
      client.close();
      server.close();
    }),
    { numRuns: 60 },
  );
});

test("when the other side is gone, what waits is told, and nothing more is taken", async () => {
  const [here, there] = duplexPair();
  const never = new ProcessLink(there, { ...quiet, onRequest: () => new Promise(() => {}) });
  let ends = 0;
  const link = new ProcessLink(here, { ...quiet, onEnd: () => (ends += 1) });
  const waiting = link.request(1);
  setImmediate(() => never.close());
  await expect(waiting).rejects.toThrow("the other process is gone");
  await expect(link.request(1)).rejects.toThrow("the other process is gone");
  link.notify(2);
  expect(ends).toBe(1);
});
