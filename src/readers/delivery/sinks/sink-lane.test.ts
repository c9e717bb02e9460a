import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredEntry } from "../../../journal/journal.ts";
import { type LaneEvent, everyEvent } from "./lane-event.ts";
import type { LaneStore } from "./lane-store.ts";
import { ALL_SENT, DestinationRefused, type SendOutcome, type SinkDestination } from "./sink-destination.ts";
import { SinkLane, type SinkLaneOptions } from "./sink-lane.ts";
import { eventEntry, logger, NOW, SinkState } from "./sink.test-support.ts";

type Mood = "well" | "refuses" | "loses the acknowledgement" | "takes every other";

/** Takes what it takes into a list, in the mood of the moment. */
class Shelf implements SinkDestination {
  readonly taken: LaneEvent[] = [];
  readonly batches: (readonly LaneEvent[])[] = [];
  readonly limits = { events: 4, octets: 1_200, eventOctets: 1_000, sizeOf: ({ record }: LaneEvent) => record.length };
  mood: (events: readonly LaneEvent[]) => Mood = () => "well";

  groupOf({ account, region }: LaneEvent["index"]): string {
    return `${account} ${region}`;
  }

  async send(events: readonly LaneEvent[]): Promise<SendOutcome> {
    this.batches.push(events);
    const mood = this.mood(events);
    if (mood === "refuses") throw new DestinationRefused("SlowDown", "not now");
    if (mood === "takes every other") {
      this.taken.push(...events.filter((_, at) => at % 2 === 0));
      return { unsent: events.filter((_, at) => at % 2 === 1) };
    }
    this.taken.push(...events);
    if (mood === "loses the acknowledgement") throw new Error("connection reset");
    return ALL_SENT;
  }
}

const lane = (store: LaneStore, destination: SinkDestination, options: Partial<SinkLaneOptions> = {}): SinkLane =>
  new SinkLane({
    name: "shelf",
    store,
    from: () => 0,
    selection: everyEvent,
    destination,
    clock: { now: () => NOW },
    logger,
    ...options,
  });

const positions = (events: readonly LaneEvent[]): readonly number[] => events.map(({ position }) => position);

test("whatever fails and whenever it is killed: nothing is lost, groups keep their order, no batch is over the limits", async () => {
  const moods = fc.constantFrom<Mood>("well", "well", "refuses", "loses the acknowledgement", "takes every other");
  const entries = fc.array(fc.record({ group: fc.nat(3), size: fc.nat(900), event: fc.nat(9) }), { minLength: 1, maxLength: 60 });
  const steps = fc.array(fc.record({ mood: moods, count: fc.integer({ min: 1, max: 20 }), kill: fc.nat(4) }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(entries, steps, async (entries, steps) => {
      using state = new SinkState();
      const shelf = new Shelf();
      const journal = entries.map(({ group, size, event }, at): StoredEntry => {
        const entry = eventEntry(at + 1, { account: `11112222333${group}` }, { note: "x".repeat(size) });
        return event === 0 ? { ...entry, kind: "intent" } : entry;
      });
      const fits = (entry: StoredEntry): boolean => entry.kind === "event" && entry.body.length <= shelf.limits.eventOctets;
      let reader = lane(state.store(1_000_000), shelf);
      const read = async (count: number): Promise<void> => {
        const batch = journal.filter(({ position }) => position > reader.position()).slice(0, count);
        const before = reader.position();
        const failed = await reader.read(batch).then(
          () => false,
          () => true,
        );
        if (!failed && batch.length > 0) expect(reader.position()).toBe(batch.at(-1)!.position);
        expect(reader.position()).toBeGreaterThanOrEqual(before);
      };
      for (const { mood, count, kill } of steps) {
        shelf.mood = () => mood;
        await read(count);
        // Its store is left as it is: what it had not written is gone.
        if (kill === 0) reader = lane(state.store(1_000_000), shelf);
        if (kill === 1) {
          await reader.close();
          reader = lane(state.store(1_000_000), shelf);
        }
      }
      shelf.mood = () => "well";
      while (reader.position() < journal.length) await read(7);
      const wanted = journal.filter(fits).map(({ position }) => position);
      expect([...new Set(positions(shelf.taken))].toSorted((a, b) => a - b)).toEqual(wanted);
      if (!steps.some(({ mood }) => mood === "takes every other")) {
        for (const group of Map.groupBy(shelf.taken, ({ index }) => index.account).values()) {
          const firsts = [...new Set(positions(group))];
          expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
        }
      }
      if (!steps.some(({ mood, kill }) => kill < 2 || mood === "loses the acknowledgement")) {
        expect(shelf.taken).toHaveLength(wanted.length);
      }
      for (const batch of shelf.batches) {
        expect(batch.length).toBeLessThanOrEqual(shelf.limits.events);
        expect(new Set(batch.map(({ index }) => index.account)).size).toBe(1);
        const octets = batch.reduce((sum, { record }) => sum + record.length, 0);
        if (batch.length > 1) expect(octets).toBeLessThanOrEqual(shelf.limits.octets);
      }
    }),
    { numRuns: 40 },
  );
});

test("a batch that may have arrived is sent again as it was, whatever has come since", async () => {
  using state = new SinkState();
  const shelf = new Shelf();
  const reader = lane(state.store(), shelf);
  const entries = [1, 2, 3, 4, 5].map((position) => eventEntry(position));
  shelf.mood = () => "loses the acknowledgement";
  await expect(reader.read(entries.slice(0, 2))).rejects.toThrow("connection reset");
  shelf.mood = () => "well";
  await reader.read(entries);
  expect(shelf.batches.map(positions)).toEqual([
    [1, 2],
    [1, 2],
    [3, 4, 5].slice(0, shelf.batches[2]!.length),
    ...shelf.batches.slice(3).map(positions),
  ]);
  expect(reader.position()).toBe(5);
});

test("one group's trouble does not keep another's events of the same batch, and what has arrived is not sent again", async () => {
  using state = new SinkState();
  const shelf = new Shelf();
  const reader = lane(state.store(), shelf);
  const bad = { account: "999999999999" };
  const entries = [eventEntry(1), eventEntry(2, bad), eventEntry(3), eventEntry(4, bad)];
  shelf.mood = ([event]) => (event?.index.account === bad.account ? "refuses" : "well");
  await expect(reader.read(entries)).rejects.toThrow("not now");
  expect(positions(shelf.taken)).toEqual([1, 3]);
  expect(reader.position()).toBe(1);
  shelf.mood = () => "well";
  await reader.read(entries.slice(1));
  expect(positions(shelf.taken)).toEqual([1, 3, 2, 4]);
});

test("an event that the destination does not take is found by halves; the others before it arrive", async () => {
  using state = new SinkState();
  const shelf = new Shelf();
  const { send } = Shelf.prototype;
  shelf.send = async (events) => {
    if (events.some(({ position }) => position === 3)) throw new DestinationRefused("HTTP 400", "no", { divisible: true });
    return await send.call(shelf, events);
  };
  const reader = lane(state.store(), shelf);
  await expect(reader.read([1, 2, 3, 4].map((position) => eventEntry(position)))).rejects.toThrow("no");
  expect(positions(shelf.taken)).toEqual([1, 2]);
  expect(reader.position()).toBe(2);
});

test("after thirty days of refusals what is as old goes, counted and logged; a jump of the clock is no refusal", async () => {
  using state = new SinkState();
  const shelf = new Shelf();
  const store = state.store();
  let now = NOW;
  const reader = lane(store, shelf, { clock: { now: () => now } });
  shelf.mood = () => "refuses";
  const day = 86_400_000;
  const entries = [eventEntry(1), eventEntry(2)];
  await expect(reader.read(entries)).rejects.toThrow("not now");
  now += 40 * day;
  await expect(reader.read(entries)).rejects.toThrow("not now");
  expect(store.counts("shelf")).toMatchObject({ expired: 0 });
  now -= 40 * day;
  for (let tried = 0; tried < 30 * 24 * 12 - 2; tried++) {
    now += 300_000;
    await expect(reader.read(entries)).rejects.toThrow("not now");
  }
  expect(store.counts("shelf")).toMatchObject({ expired: 0 });
  const young = eventEntry(3, { time: now / 1000 });
  for (let tried = 0; tried < 3; tried++) {
    now += 300_000;
    await reader.read([...entries, young]).catch(() => {});
  }
  expect(store.counts("shelf")).toMatchObject({ expired: 2, delivered: 0 });
  expect(reader.position()).toBe(2);
  shelf.mood = () => "well";
  await reader.read([young]);
  expect(positions(shelf.taken)).toEqual([3]);
});

test("the end of the host ends a request that hangs, and is no refusal", async () => {
  using state = new SinkState();
  const shelf = new Shelf();
  const stop = new AbortController();
  const noted: string[] = [];
  const outcomes = { succeeded: () => noted.push("succeeded"), failed: () => noted.push("failed") };
  shelf.send = (_: readonly LaneEvent[], signal?: AbortSignal) =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  const reader = lane(state.store(), shelf, { outcomes, requestMilliseconds: 60_000 });
  const reading = reader.read([eventEntry(1)], stop.signal);
  stop.abort(new Error("closing"));
  await expect(reading).rejects.toThrow("closing");
  expect(reader.position()).toBe(0);
  const again = lane(state.store(), shelf, { outcomes, requestMilliseconds: 5 });
  await expect(again.read([eventEntry(1)])).rejects.toThrow("no answer within 5 ms");
  await again.close();
  expect(noted).toEqual(["failed"]);
});

test("a lane begins where it was told to for the first time only, and anew once it was forgotten", () => {
  using state = new SinkState();
  const store = state.store();
  expect(lane(store, new Shelf(), { from: () => 7 }).position()).toBe(7);
  expect(lane(state.store(), new Shelf(), { from: () => 9 }).position()).toBe(7);
  store.forget("shelf");
  expect(lane(state.store(), new Shelf(), { from: () => 9 }).position()).toBe(9);
});
