import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { everyEvent } from "./lane-event.ts";
import { createNdjsonSink } from "./ndjson-sink.ts";
import type { SinkLane } from "./sink-lane.ts";
import { eventEntry, logger, NOW, positionIn, SinkState } from "./sink.test-support.ts";

class Output implements Disposable {
  readonly state = new SinkState();
  readonly path = join(this.state.directory, "logs", "events.ndjson");
  readonly #lanes: SinkLane[] = [];

  lane(path = this.path): SinkLane {
    const store = this.state.store();
    const lane = createNdjsonSink({ path, selection: everyEvent, from: () => 0, store, clock: { now: () => NOW }, logger });
    this.#lanes.push(lane);
    return lane;
  }

  positions(path = this.path): readonly number[] {
    const text = readFileSync(path, "utf8");
    expect(text.endsWith("\n")).toBe(true);
    return text.trimEnd().split("\n").map(positionIn);
  }

  [Symbol.dispose](): void {
    for (const lane of this.#lanes) void lane.close().catch(() => {});
    this.state[Symbol.dispose]();
  }
}

test("one record a line, as it is, appended over restarts; not for everybody to read", async () => {
  using output = new Output();
  const first = output.lane();
  await first.read([eventEntry(1), { ...eventEntry(2), kind: "intent" }, eventEntry(3)]);
  await first.close();
  const second = output.lane();
  expect(second.position()).toBe(3);
  await second.read([eventEntry(4)]);
  expect(readFileSync(output.path, "utf8")).toBe(
    [1, 3, 4].map((position) => `${Buffer.from(eventEntry(position).body).toString()}\n`).join(""),
  );
  expect(statSync(output.path).mode & 0o007).toBe(0);
});

test("a file that was moved or removed is made anew; one that was emptied is gone on with", async () => {
  using output = new Output();
  const lane = output.lane();
  await lane.read([eventEntry(1)]);
  renameSync(output.path, `${output.path}.1`);
  await lane.read([eventEntry(2)]);
  writeFileSync(output.path, "");
  await lane.read([eventEntry(3)]);
  rmSync(output.path);
  await lane.read([eventEntry(4)]);
  expect(output.positions(`${output.path}.1`)).toEqual([1]);
  expect(output.positions()).toEqual([4]);
});

test.each([1, 10, 30, 70_000, Infinity])("what a crash left of a line, %d octets, is taken out", async (length) => {
  using output = new Output();
  await output.lane().read([eventEntry(1)]);
  const torn = Buffer.from(eventEntry(2, {}, { note: "x".repeat(100_000) }).body);
  appendFileSync(output.path, torn.subarray(0, length));
  await output.lane().read([eventEntry(2), eventEntry(3)]);
  expect(output.positions()).toEqual([1, 2, 3]);
});

test("what stands in the file and is none of ours is left alone", async () => {
  using output = new Output();
  mkdirSync(dirname(output.path));
  writeFileSync(output.path, "my notes");
  await output.lane().read([eventEntry(1)]);
  expect(readFileSync(output.path, "utf8")).toBe(`my notes\n${Buffer.from(eventEntry(1).body).toString()}\n`);
});

test("a place that cannot be written is tried again, and nothing is lost", async () => {
  using output = new Output();
  mkdirSync(output.path, { recursive: true });
  const lane = output.lane();
  await expect(lane.read([eventEntry(1)])).rejects.toThrow("EISDIR");
  rmSync(output.path, { recursive: true });
  await lane.read([eventEntry(1), eventEntry(2)]);
  expect(output.positions()).toEqual([1, 2]);
  expect(existsSync("/dev/full")).toBe(true);
  const full = output.lane("/dev/full");
  await expect(full.read([eventEntry(1)])).rejects.toThrow("ENOSPC");
  expect(full.position()).toBe(0);
});
