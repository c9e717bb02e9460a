import { Gauge, type Registry } from "prom-client";
import type { Journal } from "../journal/journal.ts";
import type { History } from "../readers/history/history.ts";
import type { ReaderHost } from "../readers/reader-host.ts";
import { diskSpace } from "./disk-space.ts";

export interface StateSources {
  readonly journal: Pick<Journal, "status">;
  readonly history: Pick<History, "stats">;
  readonly host: Pick<ReaderHost, "lags">;
  readonly dataDir: string;
}

/** Gauges that are read off the rooms when somebody asks. */
export function registerStateMetrics(registry: Registry, { journal, history, host, dataDir }: StateSources): void {
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    const made = new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        made.set(await read());
      },
    });
  };
  gauge("opentrail_journal_last_position", "Newest durable position of the journal", () => journal.status().last);
  gauge("opentrail_journal_first_position", "Oldest position that the journal still holds", () => journal.status().first);
  gauge("opentrail_journal_bytes", "Octets of the journal on disk", () => journal.status().bytes);
  gauge("opentrail_journal_writable", "1 while events can be recorded", () => Number(journal.status().writable));
  gauge("opentrail_history_events", "Events in event history", () => history.stats().events);
  gauge("opentrail_history_bytes", "Octets of event history on disk", () => history.stats().bytes);
  gauge("opentrail_disk_free_bytes", "Octets free where the data directory is", async () => (await diskSpace(dataDir)).freeBytes);

  const lag = new Gauge({
    name: "opentrail_reader_lag_entries",
    help: "Journal entries that a reader has not read yet",
    labelNames: ["reader"],
    registers: [registry],
    collect() {
      for (const { name, lag: entries } of host.lags()) lag.set({ reader: name }, entries);
    },
  });
}
