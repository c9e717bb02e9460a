import { Counter, Gauge, type Registry } from "prom-client";
import type { Journal } from "../journal/journal.ts";
import type { ReaderObserver } from "../readers/follow-reader.ts";
import type { History } from "../readers/history/history.ts";
import type { ReaderHost } from "../readers/reader-host.ts";
import type { DiskGuard, DiskLevel } from "./disk-guard.ts";

export interface StateSources {
  readonly journal: Pick<Journal, "status">;
  readonly history: Pick<History, "stats">;
  readonly host: Pick<ReaderHost, "lags">;
  readonly diskGuard: Pick<DiskGuard, "state">;
  readonly recorder: { openIntents(): number };
}

const LEVEL: Readonly<Record<DiskLevel, number>> = { ok: 0, low: 1, critical: 2 };

/** Gauges that are read off the rooms when somebody asks. One that cannot be read is NaN, so that the others still show. */
export function registerStateMetrics(registry: Registry, { journal, history, host, diskGuard, recorder }: StateSources): void {
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        async collect() {
          this.set(await Promise.try(read).catch(() => Number.NaN));
        },
      }),
    );
  };
  gauge("opentrail_journal_last_position", "Newest durable position of the journal", () => journal.status().last);
  gauge("opentrail_journal_first_position", "Oldest position that the journal still holds", () => journal.status().first);
  gauge("opentrail_journal_bytes", "Octets of the journal on disk", () => journal.status().bytes);
  gauge("opentrail_journal_writable", "1 while events can be recorded", () => Number(journal.status().writable));
  gauge("opentrail_open_intents", "Changing calls that were passed on and whose events are not durable yet", () =>
    recorder.openIntents(),
  );
  gauge("opentrail_history_events", "Events in event history", async () => (await history.stats()).events);
  gauge("opentrail_history_bytes", "Octets of event history on disk", async () => (await history.stats()).bytes);
  gauge(
    "opentrail_history_unreadable_days",
    "Days whose file is broken",
    async () => (await history.stats()).unreadableDays.length,
  );
  gauge("opentrail_disk_free_bytes", "Octets free where the data directory is", async () => (await diskGuard.state()).freeBytes);
  gauge(
    "opentrail_disk_total_bytes",
    "Octets of the disk where the data directory is",
    async () => (await diskGuard.state()).totalBytes,
  );
  gauge("opentrail_disk_level", "0 enough space, 1 low, 2 critical", async () => LEVEL[(await diskGuard.state()).level]);
  gauge(
    "opentrail_disk_seconds_until_full",
    "At the rate of the last minutes; +Inf while the disk is not filling",
    async () => (await diskGuard.state()).secondsUntilFull ?? Infinity,
  );
  gauge("opentrail_journal_lost_entries", "Entries that were damaged and set aside", () =>
    journal.status().lost.reduce((sum, { first, last }) => sum + last - first + 1, 0),
  );

  registry.registerMetric(
    new Gauge({
      name: "opentrail_reader_lag_entries",
      help: "Journal entries that a reader has not read yet",
      labelNames: ["reader"],
      registers: [],
      collect() {
        // Those of trails come and go.
        this.reset();
        for (const { name, lag } of host.lags()) this.set({ reader: name }, lag);
      },
    }),
  );
}

/** Counters that readers feed, beginning at 0 for each of them. */
export function readerMetrics(registry: Registry, readers: readonly { readonly name: string }[]): ReaderObserver {
  const counter = (name: string, help: string): Counter => {
    const made = new Counter({ name, help, labelNames: ["reader"], registers: [registry] });
    for (const reader of readers) made.inc({ reader: reader.name }, 0);
    return made;
  };
  const read = counter("opentrail_reader_entries_total", "Journal entries that a reader has read");
  const failures = counter("opentrail_reader_failures_total", "Batches that a reader could not take and is tried with again");
  const skipped = counter("opentrail_reader_skipped_entries_total", "Journal entries that were trimmed before a reader saw them");
  return {
    batch: (reader, entries) => read.inc({ reader }, entries),
    failure: (reader) => failures.inc({ reader }),
    skipped: (reader, entries) => skipped.inc({ reader }, entries),
  };
}

/** Answers the function to call each time that the event history's thread has ended by itself. */
export function historyThreadEnds(registry: Registry): () => void {
  const ends = new Counter({
    name: "opentrail_history_thread_ends_total",
    help: "Times that the thread of event history ended by itself and was started again",
    registers: [registry],
  });
  return () => ends.inc();
}

/** Answers the function to call each time that a capture process has ended by itself. */
export function captureProcessEnds(registry: Registry, running: () => number): () => void {
  registry.registerMetric(
    new Gauge({
      name: "opentrail_capture_processes",
      help: "Processes that capture calls and are ready",
      registers: [],
      collect() {
        this.set(running());
      },
    }),
  );
  const ends = new Counter({
    name: "opentrail_capture_process_ends_total",
    help: "Times that a capture process ended by itself and was started again",
    registers: [registry],
  });
  return () => ends.inc();
}
