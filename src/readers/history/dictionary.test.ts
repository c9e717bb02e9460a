import { expect, test } from "vitest";
import { packDictionary, trainDictionary, unpackDictionary } from "./dictionary.ts";
import { packFrame, rawFrame, unpackFrame, unpackFrames, type EventBytes } from "./frame.ts";
import { randomOf } from "./history.test-support.ts";
import { DICTIONARY_BYTES } from "./limits.ts";

const random = randomOf(7);
const word = (): string => Array.from({ length: 12 }, () => String.fromCharCode(97 + random(26))).join("");
const phrases = Array.from({ length: 60 }, () => Array.from({ length: 8 }, word).join(" "));
const events = (count: number): EventBytes[] =>
  Array.from({ length: count }, () => ({
    head: Buffer.from(word()),
    record: Buffer.from(Array.from({ length: 12 }, () => phrases[random(60)] + word()).join(",")),
  }));

function train(sample: readonly EventBytes[]): Uint8Array {
  const steps = trainDictionary(sample);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

test("frames with a dictionary are much smaller, and come back one by one and together", () => {
  const dictionary = unpackDictionary(packDictionary(train(events(1024))));
  expect(dictionary.length).toBeLessThanOrEqual(DICTIONARY_BYTES);
  const runs = Array.from({ length: 10 }, () => events(4));
  const packed = runs.map((run) => packFrame(rawFrame(run), "well", dictionary));
  const octets = (all: readonly { packed: Uint8Array }[]): number => all.reduce((sum, frame) => sum + frame.packed.length, 0);
  expect(octets(packed)).toBeLessThan(0.5 * octets(runs.map((run) => packFrame(rawFrame(run), "well"))));
  const plain = (run: readonly EventBytes[]): unknown =>
    run.map(({ head, record }) => [String(head), Buffer.from(record).toString()]);
  const expected = runs.map(plain);
  const text = (run: readonly EventBytes[]): unknown =>
    run.map(({ head, record }) => [Buffer.from(head).toString(), Buffer.from(record).toString()]);
  expect(packed.map((frame) => text(unpackFrame(frame, dictionary)))).toEqual(expected);
  expect(unpackFrames(packed, dictionary).map(text)).toEqual(expected);
  expect(() => unpackFrame(packed[0]!)).toThrow();
  expect(() => unpackFrames([packed[0]!, { ...packed[1]!, length: packed[1]!.length + 1 }], dictionary)).toThrow();
});

test("few events are their own dictionary", () => {
  const sample = events(3);
  expect(Buffer.from(train(sample)).toString()).toContain(Buffer.from(sample[1]!.record).toString());
});
