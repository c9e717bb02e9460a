import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { EventIndex } from "../../src/event/built-event.ts";
import type { StoredEntry } from "../../src/journal/journal.ts";
import { HistoryEvents } from "../history-events.ts";
import type { SqlitePeer } from "./sqlite-peer.ts";
import { openStore } from "./store.ts";

/** As the reader host hands them over. */
const BATCH = 500;
/** Batches that are made beforehand and taken in with a clock beside, once in `EVERY`. */
const TIMED = 20;
const EVERY = 200;

export interface TakeInOptions {
  readonly dir: string;
  /** Epoch milliseconds at which the events end. */
  readonly now: number;
  readonly days: number;
  readonly total: number;
  readonly peer: SqlitePeer | undefined;
}

/**
 * Fills a history. Making the events costs as much as taking them in, so that rates are those of stretches whose events
 * were made before; between them the next batch is made while the last is taken in. Answers some of the events.
 */
export async function takeIn({ dir, now, days, total, peer }: TakeInOptions): Promise<readonly EventIndex[]> {
  const start = now / 1000 - days * 86_400;
  const step = (days * 86_400) / total;
  const events = new HistoryEvents();
  const history = await openStore(dir, now);
  const sample: EventIndex[] = [];
  const [rates, busy, cost, peerRates]: [number[], number[], number[], number[]] = [[], [], [], []];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let [octets, longest] = [0, 0];
  const progress = { made: 0 };

  const make = (): StoredEntry[] => {
    const batch = events.batch(Math.min(BATCH, total - progress.made), start + progress.made * step, step);
    progress.made += batch.length;
    octets += batch.reduce((sum, entry) => sum + entry.body.length, 0);
    const one = batch[Math.floor(Math.random() * batch.length)];
    if (one !== undefined) sample.push(JSON.parse(Buffer.from(one.head).toString()) as EventIndex);
    return batch;
  };

  while (progress.made < total) {
    const stretch = Array.from({ length: TIMED }, () => (progress.made < total ? make() : [])).filter(
      (batch) => batch.length > 0,
    );
    const count = stretch.reduce((sum, batch) => sum + batch.length, 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    delay.enable();
    const used = performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    const began = performance.now();
    for (const batch of stretch) await history.read(batch);
    const took = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    cost.push((user + system) / count);
    const { active } = performance.eventLoopUtilization(used);
    delay.disable();
    longest = Math.max(longest, delay.max / 1e6);
    delay.reset();
    rates.push((count / took) * 1000);
    busy.push((active / count) * 1000);
    if (peer !== undefined) {
      const before = performance.now();
      for (const batch of stretch) peer.insert(batch);
      peerRates.push((count / (performance.now() - before)) * 1000);
    }
    if (rates.length % 10 === 1)
      console.log(`  ${progress.made} events: ${(rates.at(-1) ?? 0).toFixed(0)} a second, ${memory()}`);
    let taking: Promise<void> = Promise.resolve();
    for (let left = EVERY - TIMED; left > 0 && progress.made < total; left--) {
      const batch = make();
      await taking;
      taking = history.read(batch);
      peer?.insert(batch);
    }
    await taking;
  }
  await history.close();
  const closed = await openStore(dir, now);
  const { bytes, buffered } = await closed.stats();
  await closed.close();

  console.log(`${total} events of ${Math.round(octets / total)} octets over ${days} days`);
  console.log(
    `in: median ${median(rates).toFixed(0)}, slowest stretch ${Math.min(...rates).toFixed(0)} events/s; ${median(cost).toFixed(1)} µs of CPU an event`,
  );
  console.log(`main thread: ${median(busy).toFixed(2)} µs an event, longest stall ${longest.toFixed(1)} ms (timer: 1 ms)`);
  console.log(`room: ${(bytes / total).toFixed(1)} octets an event, ${buffered} buffered; ${memory()}`);
  if (peer !== undefined) {
    console.log(`SQLite: median ${median(peerRates).toFixed(0)} events/s, ${(peer.bytes / total).toFixed(1)} octets an event`);
  }
  return sample;
}

function memory(): string {
  return `${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MB resident`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
