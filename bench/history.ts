/**
 * Event history: how fast events are taken in, how much room they need, how long a page of 50 takes.
 *
 *     node bench/history.ts [EVENTS] [DAYS]        defaults: 300000 events over 10 days
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../src/base/logger.ts";
import type { EventIndex } from "../src/event/built-event.ts";
import { ATTRIBUTE_KEYS, attributeValues, type AttributeKey } from "../src/readers/history/attribute.ts";
import { createHistory } from "../src/readers/history/create-history.ts";
import { HistoryEvents } from "./history-events.ts";

const total = Number(process.argv[2] ?? 300_000);
const days = Number(process.argv[3] ?? 10);
const BATCH = 1000;

const dir = mkdtempSync(join(tmpdir(), "opentrail-bench-history-"));
const now = Date.now();
const start = now / 1000 - days * 86_400;
const step = (days * 86_400) / total;
const options = { dir, retentionDays: 90, dataEvents: false, clock: { now: () => now }, logger: createLogger("warn") };
let history = createHistory(options);
const events = new HistoryEvents();
const sample: EventIndex[] = [];
let [busy, longest, octets] = [0, 0, 0];

try {
  for (let at = 0; at < total; at += BATCH) {
    const batch = events.batch(BATCH, start + at * step, step);
    octets += batch.reduce((sum, entry) => sum + entry.body.length, 0);
    const one = batch[Math.floor(Math.random() * BATCH)];
    if (one !== undefined) sample.push(JSON.parse(Buffer.from(one.head).toString()) as EventIndex);
    const begin = performance.now();
    await history.read(batch);
    const took = performance.now() - begin;
    busy += took;
    longest = Math.max(longest, took);
  }
  await history.close();
  history = createHistory(options);
  const { bytes, buffered } = history.stats();
  console.log(`${total} events of ${Math.round(octets / total)} octets over ${days} days`);
  console.log(`ingest: ${Math.round((total / busy) * 1000)} events/s, longest batch of ${BATCH}: ${longest.toFixed(1)} ms`);
  console.log(`room: ${(bytes / total).toFixed(1)} octets an event, ${buffered} buffered`);

  const scope = { account: events.account, region: "us-east-1", category: "management", limit: 50 } as const;
  for (const key of [undefined, ...ATTRIBUTE_KEYS]) report(key ?? "(all)", () => scope, key);
  const deep = (): object => ({ to: start + Math.random() * days * 86_400 });
  for (const key of [undefined, ...ATTRIBUTE_KEYS])
    report(`${key ?? "(all)"} to a random time`, () => ({ ...scope, ...deep() }), key);
} finally {
  await history.close();
  rmSync(dir, { recursive: true });
}

function report(
  title: string,
  query: () => { limit: number; account: string; region: string; category: "management" },
  key?: AttributeKey,
): void {
  const times: number[] = [];
  let found = 0;
  for (let at = 0; at < 300; at++) {
    const index = sample[Math.floor(Math.random() * sample.length)];
    const value = key === undefined || index === undefined ? undefined : attributeValues(index, key)[0];
    if (key !== undefined && value === undefined) continue;
    const attribute = key === undefined || value === undefined ? {} : { attribute: { key, value } };
    const begin = performance.now();
    found += history.lookup({ ...query(), ...attribute }).events.length;
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  console.log(`${title.padEnd(32)} p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  ${(found / times.length).toFixed(1)} events a page`);
}
