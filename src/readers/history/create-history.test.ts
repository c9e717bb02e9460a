import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoredEntry } from "../../journal/journal.ts";
import { ACCOUNT, entryOf, indexOf, REGION, TODAY } from "./history.test-support.ts";
import { InvalidPageToken, type History, type LookupQuery, type SearchQuery } from "./history.ts";
import { SEGMENT_EVENTS } from "./limits.ts";
import { allPages, searchAll, TestStore } from "./test-store.test-support.ts";

const HOUR = 3_600_000;
const own = { account: ACCOUNT, region: REGION, category: "management" } as const;

describe.each([
  ["in this thread", false],
  ["in a thread of its own", true],
])("%s", (_, threaded) => {
  let store: TestStore;

  const files = (): readonly string[] => readdirSync(join(store.dir, "days")).filter((name) => name.endsWith(".db"));

  beforeEach(() => {
    store = new TestStore(threaded);
  });

  afterEach(async () => {
    await store[Symbol.asyncDispose]();
  });

  describe("what is kept", () => {
    const categories = ["Management", "Data", "NetworkActivity", "Insight"] as const;

    test.each([
      [false, ["Insight", "Management"]],
      [true, ["Insight", "NetworkActivity", "Data", "Management"]],
    ])("with dataEvents %s: %j", async (dataEvents, kept) => {
      const history = await store.open({ dataEvents });
      await history.read(categories.map((category, at) => entryOf(at + 1, { category })));
      expect((await history.search({ limit: 10 })).events.map((event) => event.index.category)).toEqual(kept);
      expect((await history.lookup({ ...own, limit: 10 })).events.map((event) => event.index.category)).toEqual(["Management"]);
      expect(history.position()).toBe(4);
    });

    test("the record and its index come back as they were", async () => {
      const history = await store.open();
      const entry = entryOf(1, { username: "alice", resources: [{ name: "b" }] }, "ünïcode \u0000 and more");
      await history.read([entry]);
      const [event] = (await history.lookup({ ...own, limit: 1 })).events;
      expect(Buffer.from(event!.record)).toEqual(Buffer.from(entry.body));
      expect(event!.index).toEqual(indexOf(1, { username: "alice", resources: [{ name: "b" }] }));
    });

    test("an entry without readable index is counted and passed over", async () => {
      const history = await store.open();
      const broken = [Buffer.from("{"), Buffer.from("[]"), Buffer.from(JSON.stringify({ ...indexOf(1), time: 1e300 }))];
      await history.read([
        ...broken.map((head, at) => ({ position: at + 1, kind: "event" as const, head, body: Buffer.from("{}") })),
        entryOf(4),
      ]);
      expect(await history.stats()).toMatchObject({ position: 4, events: 1, malformed: 3 });
    });

    test("records of megabytes", async () => {
      const history = await store.open();
      const large = (position: number): StoredEntry => entryOf(position, {}, String(position).repeat(700_000));
      const entries = Array.from({ length: 40 }, (_, at) => large(at + 1));
      await history.read(entries.slice(0, 15));
      await history.read(entries.slice(15));
      const found = (await history.lookup({ ...own, limit: 50 })).events;
      expect(found.map((event) => event.position)).toEqual(Array.from({ length: 40 }, (_, at) => 40 - at));
      for (const event of found) expect(Buffer.compare(event.record, entries[event.position - 1]!.body)).toBe(0);
      expect((await history.stats()).buffered).toBeLessThan(40);
    });
  });

  describe("retention", () => {
    test("an event is shown for exactly as long as it is kept, then its day's file goes", async () => {
      const history = await store.open({ retentionDays: 2 });
      const entries = Array.from({ length: 1500 }, (_, at) => entryOf(at + 1, { time: TODAY - 86_400 + at * 10 }));
      await history.read(entries);
      expect(readdirSync(join(store.dir, "days"))).toContain("2026-03-09.db");
      store.now = (TODAY + 86_400 + 70) * 1000;
      expect(await allPages(history, { ...own, limit: 50 })).toHaveLength(1500 - 7);
      store.now = (TODAY + 2 * 86_400 + 7200) * 1000;
      expect(await allPages(history, { ...own, limit: 50 })).toHaveLength(0);
      await history.read([entryOf(1501, { time: TODAY + 2 * 86_400 })]);
      expect(files()).toContain("2026-03-09.db");
      store.pass(HOUR);
      await history.read([entryOf(1502, { time: TODAY + 2 * 86_400 })]);
      expect(readdirSync(join(store.dir, "days")).filter((name) => name.startsWith("2026-03-09"))).toEqual([]);
      expect(await history.stats()).toMatchObject({ events: 2, days: ["2026-03-12"], position: 1502 });
    });

    test("what has expired when it arrives is kept as long as other expired events, and not shown", async () => {
      const history = await store.open({ retentionDays: 1 });
      await history.read([entryOf(1, { time: TODAY - 2 * 86_400 }), entryOf(2, { time: TODAY - 10 })]);
      expect(await allPages(history, { ...own, limit: 50 })).toEqual([indexOf(2).eventId]);
      expect((await history.stats()).position).toBe(2);
      for (let position = 3; position < 6; position++) {
        store.pass(HOUR);
        await history.read([entryOf(position, { time: TODAY })]);
      }
      expect((await history.stats()).days).toEqual(["2026-03-09", "2026-03-10"]);
    });

    test("what is buffered expires too", async () => {
      const history = await store.open({ retentionDays: 1 });
      await history.read([entryOf(1, { time: TODAY - 10 })]);
      store.pass(3 * 86_400_000);
      for (const position of [2, 3]) {
        await history.read([entryOf(position, { time: store.now / 1000 })]);
        store.pass(HOUR);
      }
      expect(await history.stats()).toMatchObject({ events: 2, days: ["2026-03-13"] });
    });

    describe.each([
      ["as it runs", false],
      ["from its start", true],
    ])("a clock that runs years ahead for a moment, %s", (_when, restarting) => {
      test.each([59, 600])("takes nothing with it, also of what is read meanwhile (after %i minutes)", async (minutes) => {
        const open = { retentionDays: 30 };
        let history = await store.open(open);
        const days = [5, 4, 3, 2, 1];
        await history.read(days.map((ago, at) => entryOf(at + 1, { time: TODAY - ago * 86_400 })));
        store.pass(minutes * 60_000);
        await history.read([entryOf(6, { time: TODAY })]);
        const ahead = 10 * 365 * 86_400_000;
        store.now += ahead;
        if (restarting) history = await store.reopen(open);
        await history.read([entryOf(7, { time: store.now / 1000 }), entryOf(8, { time: TODAY })]);
        expect(await allPages(history, { ...own, limit: 50 })).toEqual([indexOf(7).eventId]);
        store.pass(59 * 60_000);
        await history.read([entryOf(9, { time: TODAY })]);
        store.now -= ahead;
        await history.read([entryOf(10, { time: TODAY })]);
        store.pass(59 * 60_000);
        await history.read([entryOf(11, { time: TODAY })]);
        expect(await allPages(history, { ...own, limit: 50 })).toEqual(
          [7, 11, 10, 9, 8, 6, 5, 4, 3, 2, 1].map((at) => indexOf(at).eventId),
        );
      });
    });

    test("a wrong clock at each of many starts takes nothing", async () => {
      await (await store.open()).read([entryOf(1, { time: TODAY })]);
      for (let start = 0; start < 5; start++) {
        store.now += 91 * 86_400_000;
        const history = await store.reopen();
        await history.read([entryOf(2 + start, { time: TODAY })]);
        store.now -= 91 * 86_400_000;
        store.pass(HOUR);
      }
      expect(await allPages(await store.reopen(), { ...own, limit: 50 })).toHaveLength(6);
    });

    test("a clock that stays ahead for good expires day after day, the oldest first, one an hour", async () => {
      await (await store.open()).read([3, 2, 1].map((ago, at) => entryOf(at + 1, { time: TODAY - ago * 86_400 })));
      store.pass(HOUR);
      const history = await store.reopen({ retentionDays: 1 });
      const left: (readonly string[])[] = [];
      for (let position = 4; position < 8; position++) {
        await history.read([entryOf(position, { time: TODAY })]);
        left.push(files());
        store.pass(HOUR);
      }
      const [oldest, older, kept] = ["2026-03-07.db", "2026-03-08.db", "2026-03-09.db"];
      expect(left).toEqual([[oldest, older, kept], [older, kept], [kept], [kept]]);
      expect((await history.stats()).days).toEqual(["2026-03-09", "2026-03-10"]);
    });

    test.each([
      ["behind", 0],
      ["ahead", Date.UTC(9000, 0) / 1000],
    ])("events of a clock that was far %s are found while it is, and kept for as long as their time says", async (_, time) => {
      let history = await store.open();
      const right = store.now;
      store.now = time * 1000;
      await history.read([entryOf(1, { time }), entryOf(2, { time: TODAY })]);
      expect(await allPages(history, { ...own, limit: 50 })).toContain(indexOf(1).eventId);
      store.now = right;
      store.pass(HOUR / 2);
      await history.read([entryOf(3, { time: TODAY })]);
      history = await store.reopen();
      const found = [3, 2].map((at) => indexOf(at).eventId);
      expect(await allPages(history, { ...own, limit: 50 })).toEqual(time === 0 ? found : [indexOf(1).eventId, ...found]);
      expect((await history.stats()).events).toBe(3);
    });

    test("a day that is begun anew after it was removed shows none of its former events", async () => {
      const history = await store.open({ retentionDays: 1 });
      const day = (from: number): StoredEntry[] =>
        Array.from({ length: SEGMENT_EVENTS }, (_, at) => entryOf(from + at, { time: TODAY - 86_400 + at }));
      await history.read(day(1));
      const { now } = store;
      expect(await allPages(history, { ...own, limit: 50 })).toHaveLength(SEGMENT_EVENTS);
      store.pass(30 * 86_400_000);
      await history.read([entryOf(2000, { time: store.now / 1000 })]);
      store.pass(HOUR);
      await history.read([entryOf(2001, { time: store.now / 1000 })]);
      expect(files()).not.toContain("2026-03-09.db");
      store.now = now;
      await history.read(day(3001));
      expect(await allPages(history, { ...own, to: TODAY, limit: 50 })).toEqual(
        Array.from({ length: SEGMENT_EVENTS }, (_, at) => indexOf(3000 + SEGMENT_EVENTS - at).eventId),
      );
    });

    test("a day that has ended is written out although it has few events", async () => {
      const history = await store.open();
      await history.read([entryOf(1, { time: TODAY - 10 })]);
      store.now += 3_600_000;
      await history.read([entryOf(2, { time: TODAY + 3600 })]);
      expect((await history.stats()).buffered).toBe(1);
      expect(readdirSync(join(store.dir, "days"))).toContain("2026-03-09.db");
      expect(await allPages(history, { ...own, limit: 50 })).toEqual([indexOf(2).eventId, indexOf(1).eventId]);
    });
  });

  describe("page tokens", () => {
    async function filled(): Promise<{ history: History; query: LookupQuery; token: string }> {
      const history = await store.open();
      await history.read(Array.from({ length: 30 }, (_, at) => entryOf(at + 1, { username: "alice" })));
      const query: LookupQuery = { ...own, attribute: { key: "Username", value: "alice" }, from: 1, to: TODAY, limit: 10 };
      return { history, query, token: (await history.lookup(query)).nextToken! };
    }

    test("work with their own query only", async () => {
      const { history, query, token } = await filled();
      expect((await history.lookup({ ...query, limit: 20, token })).events).toHaveLength(20);
      const others: Partial<LookupQuery>[] = [
        { account: "444455556666" },
        { region: "eu-west-1" },
        { category: "insight" },
        { attribute: { key: "Username", value: "bob" } },
        { attribute: { key: "EventName", value: "alice" } },
        { from: 2 },
        { to: TODAY - 1 },
      ];
      for (const other of others) await expect(history.lookup({ ...query, ...other, token })).rejects.toThrow(InvalidPageToken);
      const { attribute: _, ...without } = query;
      await expect(history.lookup({ ...without, token })).rejects.toThrow(InvalidPageToken);
      await expect(history.search({ accounts: [ACCOUNT], limit: 10, token })).rejects.toThrow(InvalidPageToken);
    });

    test("survive a restart, are refused by another store", async () => {
      const { query, token } = await filled();
      const history = await store.reopen();
      expect((await history.lookup({ ...query, token })).events[0]!.position).toBe(20);
      await using other = new TestStore(threaded);
      await expect((await other.open()).lookup({ ...query, token })).rejects.toThrow(InvalidPageToken);
    });

    test("cannot be made up", async () => {
      const { history, query, token } = await filled();
      const bytes = Buffer.from(token, "base64");
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const forged = Buffer.from(bytes);
          forged[at]! ^= change;
          await expect(history.lookup({ ...query, token: forged.toString("base64") })).rejects.toThrow(InvalidPageToken);
        }),
      );
      await fc.assert(
        fc.asyncProperty(fc.string(), async (text) => {
          await expect(history.lookup({ ...query, token: text })).rejects.toThrow(InvalidPageToken);
        }),
      );
    });
  });

  test("search ends a page when enough was looked at, and goes on from there", async () => {
    const history = await store.open();
    const entries = Array.from({ length: 9000 }, (_, at) =>
      entryOf(at + 1, { time: TODAY - 9000 + at }, at === 40 ? "needle" : ""),
    );
    for (let at = 0; at < entries.length; at += 1000) await history.read(entries.slice(at, at + 1000));
    let pages = 0;
    let found = 0;
    for (let token: string | undefined; ;) {
      const page = await history.search({ text: "needle", limit: 10, scanLimit: 1000, ...(token !== undefined && { token }) });
      expect(page.scanned).toBeLessThan(1100);
      pages += 1;
      found += page.events.length;
      token = page.nextToken;
      if (token === undefined) break;
    }
    expect(found).toBe(1);
    expect(pages).toBeGreaterThanOrEqual(8);
  });

  test("a query does not wait for the batch that is being taken in", async () => {
    const history = await store.open();
    await history.read([entryOf(1)]);
    const order: string[] = [];
    const batch = Array.from({ length: 5000 }, (_, at) => entryOf(at + 2));
    const reading = Promise.resolve(history.read(batch)).then(() => order.push("batch"));
    const { events } = await history.lookup({ ...own, limit: 50 });
    order.push("page");
    await reading;
    expect(order).toEqual(["page", "batch"]);
    expect(events).toHaveLength(1);
  });

  test("entries that come again change nothing", async () => {
    const history = await store.open();
    const entries = Array.from({ length: 3000 }, (_, at) => entryOf(at + 1));
    await history.read(entries.slice(0, 2000));
    await history.read(entries.slice(500, 1500));
    await history.read(entries.slice(1000));
    expect(await allPages(history, { ...own, limit: 50 })).toEqual(idsFrom(3000));
    expect(await history.stats()).toMatchObject({ events: 3000, position: 3000 });
  });

  test("rows that cannot be deleted from the buffer are shown once and written once, now and after a restart", async () => {
    const onBuffer = async (sql: string): Promise<History> => {
      await store.close();
      const buffer = new DatabaseSync(join(store.dir, "buffer.db"));
      buffer.exec(sql);
      buffer.close();
      return await store.open();
    };
    await store.open();
    let history = await onBuffer("CREATE TRIGGER full BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    const entries = Array.from({ length: 3 * SEGMENT_EVENTS }, (_, at) => entryOf(at + 1));
    for (let at = 0; at < entries.length; at += 512) await history.read(entries.slice(at, at + 512));
    expect(await allPages(history, { ...own, limit: 50 })).toHaveLength(entries.length);
    expect(await history.stats()).toMatchObject({ events: entries.length, buffered: 0 });
    history = await onBuffer("DROP TRIGGER full");
    expect(await allPages(history, { ...own, limit: 50 })).toEqual(idsFrom(entries.length));
    expect(await history.stats()).toMatchObject({ events: entries.length, buffered: 0 });
  });

  test("a lost write buffer does not double what stands in segments", async () => {
    const history = await store.open();
    const entries = Array.from({ length: 3000 }, (_, at) => entryOf(at + 1));
    await history.read(entries);
    expect((await history.stats()).buffered).toBeGreaterThan(0);
    await store.close();
    for (const name of readdirSync(store.dir)) if (name.startsWith("buffer.db")) rmSync(join(store.dir, name));
    const again = await store.open();
    expect(again.position()).toBe(0);
    await again.read(entries);
    expect(await allPages(again, { ...own, limit: 50 })).toHaveLength(3000);
  });

  test("days of another journal are refused by name, days of this one are not", async () => {
    await (await store.open()).read(Array.from({ length: 3000 }, (_, at) => entryOf(at + 1)));
    await store.close();
    for (const name of readdirSync(store.dir)) if (name.startsWith("buffer.db")) rmSync(join(store.dir, name));
    await expect(store.open({ journalEnd: 100 })).rejects.toThrow(
      /2026-03-09\.db holds events up to journal position 2048, but .* ends at 100/,
    );
  });

  test("a second process on the same directory is refused", async () => {
    await store.open();
    await expect(store.open()).rejects.toThrow(/locked/);
  });

  /** Of the events at the positions up to `newest`, newest first. */
  function idsFrom(newest: number): readonly string[] {
    return Array.from({ length: newest }, (_, at) => indexOf(newest - at).eventId);
  }

  test("a search that stops between two segments misses neither's last event", async () => {
    const history = await store.open();
    const entry = (position: number): StoredEntry =>
      entryOf(position, { time: TODAY - 20_000 + position, ...(position % SEGMENT_EVENTS === 0 && { username: "rare" }) });
    for (let first = 1; first <= 4 * SEGMENT_EVENTS; first += SEGMENT_EVENTS) {
      await history.read(Array.from({ length: SEGMENT_EVENTS }, (_, at) => entry(first + at)));
    }
    expect((await history.stats()).buffered).toBe(0);
    const query: SearchQuery = { attributes: [{ key: "Username", value: "rare" }], limit: 10, scanLimit: 1 };
    expect(await searchAll(history, query)).toEqual([4, 3, 2, 1].map((at) => indexOf(at * SEGMENT_EVENTS).eventId));
  });
});
