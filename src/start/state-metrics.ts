import { Counter, Gauge, type Registry } from "prom-client";
import type { Journal } from "../journal/journal.ts";
import type { ReaderObserver } from "../readers/follow-reader.ts";
import type { History } from "../readers/history/history.ts";
import type { ReaderHost } from "../readers/reader-host.ts";
import { diskSpace } from "./disk-space.ts";

export interface StateSources {
  readonly journal: Pick<Journal, "status">;
  readonly history: Pick<History, "stats">;
  readonly host: Pick<ReaderHost, "lags">;
  readonly dataDir: string;
}

/** Gauges that are read off the rooms when somebody asks. One that cannot be read is NaN, so that the others still show. */
export function registerStateMetrics(registry: Registry, { journal, history, host, dataDir }: StateSources): void {
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
  gauge("opentrail_history_events", "Events in event history", () => history.stats().events);
  gauge("opentrail_history_bytes", "Octets of event history on disk", () => history.stats().bytes);
  gauge("opentrail_history_unreadable_days", "Days whose file is broken", () => history.stats().unreadableDays.length);
  gauge("opentrail_disk_free_bytes", "Octets free where the data directory is", async () => (await diskSpace(dataDir)).freeBytes);

  registry.registerMetric(
    new Gauge({
      name: "opentrail_reader_lag_entries",
      help: "Journal entries that a reader has not read yet",
      labelNames: ["reader"],
      registers: [],
      collect() {
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
