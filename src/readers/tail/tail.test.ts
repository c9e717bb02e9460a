import { pino } from "pino";
import { expect, test } from "vitest";
import { ACCOUNT, entryOf } from "../history/history.test-support.ts";
import type { TailItem } from "./subscription.ts";
import { createTail, TailFull, type Tail, type TailConditions } from "./tail.ts";

const logger = pino({ level: "silent" });

/** What has come for a subscriber so far: positions, and skipped counts as negative numbers. */
async function drain(items: AsyncIterableIterator<TailItem, undefined>, count: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let at = 0; at < count; at++) {
    const { value } = await items.next();
    if (value === undefined) break;
    found.push(value.kind === "event" ? value.event.position : -value.count);
  }
  return found;
}

function tailAt(position: number, events = 1000, octets = 1 << 20): Tail {
  return createTail({ position, logger, queue: { events, octets }, mostSubscribers: 3 });
}

test("hands on what comes after the start and after the subscription, in order", async () => {
  const tail = tailAt(5);
  expect(tail.position()).toBe(5);
  await tail.read([entryOf(6)]);
  const items = tail.subscribe({});
  await tail.read([entryOf(7), { ...entryOf(8), kind: "intent" }, entryOf(9)]);
  expect(tail.position()).toBe(9);
  await tail.read([entryOf(8), entryOf(9), entryOf(10)]);
  expect(await drain(items, 3)).toEqual([7, 9, 10]);
  const waiting = items.next();
  await tail.read([entryOf(11)]);
  expect((await waiting).value).toMatchObject({ kind: "event", event: { position: 11 } });
});

test.each<[TailConditions, number[]]>([
  [{}, [1, 2, 3, 4]],
  [{ accounts: [ACCOUNT] }, [1, 2, 4]],
  [{ accounts: [] }, []],
  [{ regions: ["eu-west-1"] }, [2]],
  [{ categories: ["Data"] }, [4]],
  [{ attributes: [{ key: "EventName", value: "Put*" }] }, [2, 3]],
  [
    {
      attributes: [
        { key: "EventName", value: "Put*" },
        { key: "Username", value: "bob" },
      ],
    },
    [3],
  ],
  [{ text: "needle" }, [4]],
])("meets the conditions %j: %j", async (conditions, positions) => {
  const tail = tailAt(0);
  const items = tail.subscribe(conditions);
  await tail.read([
    entryOf(1),
    entryOf(2, { name: "PutObject", region: "eu-west-1" }),
    entryOf(3, { name: "PutBucketPolicy", account: "444455556666", username: "bob" }),
    entryOf(4, { category: "Data" }, "a needle"),
  ]);
  expect(await drain(items, positions.length)).toEqual(positions);
  let more = false;
  const next = items.next().then(() => (more = true));
  await Promise.resolve();
  expect(more).toBe(false);
  await tail.close();
  await next;
});

test("counts what a slow subscriber misses, where it was missed", async () => {
  const tail = tailAt(0, 3);
  const [slow, quick] = [tail.subscribe({}), tail.subscribe({})];
  await tail.read([1, 2, 3, 4, 5].map((position) => entryOf(position)));
  expect(await drain(quick, 4)).toEqual([1, 2, 3, -2]);
  await tail.read([entryOf(6)]);
  expect(await drain(slow, 1)).toEqual([1]);
  await tail.read([entryOf(7), entryOf(8)]);
  expect(await drain(slow, 3)).toEqual([2, 3, -3]);
  expect(await drain(slow, 2)).toEqual([7, -1]);
});

test("bounds octets, yet lets one large record through", async () => {
  const tail = tailAt(0, 1000, 2000);
  const items = tail.subscribe({});
  await tail.read([entryOf(1, {}, "x".repeat(5000)), entryOf(2), entryOf(3)]);
  expect(await drain(items, 2)).toEqual([1, -2]);
});

test("subscribers leave by abort, by break, by close; only so many fit", async () => {
  const tail = tailAt(0);
  const abort = new AbortController();
  const items = tail.subscribe({}, abort.signal);
  const waiting = items.next();
  tail.subscribe({});
  tail.subscribe({});
  expect(() => tail.subscribe({})).toThrow(TailFull);
  abort.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(tail.subscribers).toBe(2);
  const third = tail.subscribe({});
  await tail.read([entryOf(1)]);
  for await (const item of third) {
    expect(item.kind).toBe("event");
    break;
  }
  expect(tail.subscribers).toBe(2);
  expect(tail.subscribe({}, AbortSignal.abort())).toBeDefined();
  expect(tail.subscribers).toBe(2);
  await tail.close();
  expect(tail.subscribers).toBe(0);
});

test("an entry without readable index is passed over", async () => {
  const tail = tailAt(0);
  const items = tail.subscribe({});
  await tail.read([{ ...entryOf(1), head: Buffer.from("{") }, entryOf(2)]);
  expect(await drain(items, 1)).toEqual([2]);
});
