import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { ACCOUNT, entryOf, expected, REGION, TODAY } from "./history.test-support.ts";
import { SEGMENT_EVENTS } from "./limits.ts";
import { allPages, TestStore } from "./test-store.test-support.ts";

const query = { account: ACCOUNT, region: REGION, category: "management", limit: 50 } as const;

test("a store of format 1 is read, and goes on in the present one", async () => {
  await using store = new TestStore();
  const old = Array.from({ length: 400 }, (_, at) => entryOf(at + 1, { time: TODAY - 1000 + at, username: `user-${at % 3}` }));
  const history = await store.open();
  await history.read(old.slice(0, 300));
  // The day has ended, what is left of it becomes a segment; the rest is buffered.
  store.now += 3_600_000;
  await history.read([entryOf(301, { time: TODAY + 1 })]);
  await history.read(old.slice(301).map((entry, at) => entryOf(entry.position, { time: TODAY - 600 + at })));
  const known = await allPages(history, query);
  expect(known).toHaveLength(400);
  expect((await history.stats()).buffered).toBe(100);
  await store.close();

  const day = new DatabaseSync(join(store.dir, "days", "2026-03-09.db"));
  day.exec("ALTER TABLE segments DROP COLUMN dictionary; DROP TABLE dictionaries; PRAGMA user_version = 1");
  day.close();
  const rows = [
    entryOf(301, { time: TODAY + 1 }),
    ...old.slice(301).map((e, at) => entryOf(e.position, { time: TODAY - 600 + at })),
  ];
  const buffer = new DatabaseSync(join(store.dir, "buffer.db"));
  buffer.exec(`DROP TABLE runs; PRAGMA user_version = 1;
    CREATE TABLE buffer (position INTEGER PRIMARY KEY, day INTEGER NOT NULL, head BLOB NOT NULL, record BLOB NOT NULL) STRICT;
    CREATE INDEX buffer_by_day ON buffer (day, position)`);
  const insert = buffer.prepare("INSERT INTO buffer VALUES (?, ?, ?, ?)");
  for (const { position, head, body } of rows) insert.run(position, TODAY / 86_400 - (position === 301 ? 0 : 1), head, body);
  buffer.close();

  const again = await store.open();
  expect(again.position()).toBe(400);
  expect(await allPages(again, query)).toEqual(known);
  const more = Array.from({ length: 2 * SEGMENT_EVENTS }, (_, at) =>
    entryOf(401 + at, { time: TODAY - 500, username: "user-1" }),
  );
  await again.read(more);
  const reopened = await store.reopen();
  const all = await allPages(reopened, { ...query, attribute: { key: "Username", value: "user-1" } });
  const included = [...old.slice(0, 300), ...more];
  const attributes = [{ key: "Username", value: "user-1" }] as const;
  expect(all).toEqual(expected(included, { includes: () => true, attributes, snapshot: Infinity }));
});

test("a format of the future is refused by name", async () => {
  await using store = new TestStore();
  await store.open();
  await store.close();
  const buffer = new DatabaseSync(join(store.dir, "buffer.db"));
  buffer.exec("PRAGMA user_version = 9");
  buffer.close();
  await expect(store.open()).rejects.toThrow(/buffer\.db is not an event history of format 1 to 2 \(it says 9\)/);
});
