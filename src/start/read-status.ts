import type { CallCounts } from "../capture/gateway/gateway-metrics.ts";
import type { Tail } from "../readers/tail/tail.ts";
import type { Status } from "../serve/status.ts";
import { diskSpace } from "./disk-space.ts";
import type { StateSources } from "./state-metrics.ts";

export interface StatusSources extends StateSources {
  readonly counts: () => CallCounts;
  readonly tail: Pick<Tail, "subscribers">;
}

/** What can change of the status. */
export type StatusNow = Pick<Status, "calls" | "journal" | "readers" | "watching" | "disk"> & {
  readonly history: Omit<Status["history"], "retentionDays">;
};

/** Reads the status off the rooms, all but the disk in one go, so that its parts belong together. */
export async function readStatus({ counts, journal, host, history, tail, dataDir }: StatusSources): Promise<StatusNow> {
  const disk = await diskSpace(dataDir);
  const { first, last, bytes, writable, problem } = journal.status();
  const { events, days, unreadableDays, bytes: historyBytes } = history.stats();
  return {
    calls: callsOf(counts()),
    journal: { first, last, bytes, writable, ...(problem === undefined ? {} : { problem }) },
    readers: host.lags(),
    watching: tail.subscribers,
    history: { events, days: days.length, unreadableDays, bytes: historyBytes },
    disk,
  };
}

function callsOf({ arrived, ...fates }: CallCounts): Status["calls"] {
  return {
    arrived,
    recorded: fates.recorded,
    notSelected: fates["not-selected"],
    notAuthenticated: fates.unauthenticated,
    refused: fates.refused,
    notRecorded: fates["record-failed"],
    inFlight: arrived - Object.values(fates).reduce((sum, count) => sum + count, 0),
  };
}
