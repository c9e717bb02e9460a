import { isoSeconds } from "../base/clock.ts";
import type { CallCounts } from "../capture/gateway/gateway-metrics.ts";
import type { TrailReport } from "../readers/delivery/delivery.ts";
import type { Tail } from "../readers/tail/tail.ts";
import type { Status } from "../serve/status.ts";
import type { DiskState } from "./disk-guard.ts";
import type { StateSources } from "./state-metrics.ts";

export interface StatusSources extends StateSources {
  readonly counts: () => CallCounts;
  readonly tail: Pick<Tail, "subscribers">;
  readonly trails: () => readonly TrailReport[];
}

/** What can change of the status. */
export type StatusNow = Pick<Status, "calls" | "refusals" | "journal" | "readers" | "trails" | "watching" | "disk"> & {
  readonly history: Omit<Status["history"], "retentionDays">;
};

/** Reads the status off the rooms, all but the disk and event history in one go, so that its parts belong together. */
export async function readStatus({ counts, journal, host, history, tail, trails, diskGuard }: StatusSources): Promise<StatusNow> {
  const [disk, stored] = await Promise.all([diskGuard.state(), history.stats()]);
  const { first, last, bytes, writable, problem, lost } = journal.status();
  const callCounts = counts();
  const { events, days, unreadableDays, bytes: historyBytes } = stored;
  return {
    calls: callsOf(callCounts),
    refusals: callCounts.refusals,
    journal: { first, last, bytes, writable, lost, ...(problem === undefined ? {} : { problem }) },
    readers: host.lags(),
    trails: trails().map(trailOf),
    watching: tail.subscribers,
    history: { events, days: days.length, unreadableDays, bytes: historyBytes },
    disk: diskOf(disk),
  };
}

function trailOf({
  arn,
  logging,
  recorded,
  delivered,
  filtered,
  pending,
  expired,
  status,
}: TrailReport): Status["trails"][number] {
  const { time, error } = status.latestDelivery ?? {};
  return {
    arn,
    logging,
    recorded,
    delivered,
    filtered,
    pending,
    expired,
    ...(time === undefined ? {} : { latestDelivery: isoSeconds(time) }),
    ...(error === undefined ? {} : { error }),
  };
}

function diskOf({ path, freeBytes, totalBytes, level, warning, secondsUntilFull }: DiskState): Status["disk"] {
  return {
    path,
    freeBytes,
    totalBytes,
    level,
    ...(warning === undefined ? {} : { warning }),
    ...(secondsUntilFull === undefined ? {} : { secondsUntilFull }),
  };
}

function callsOf({ arrived, fates }: CallCounts): Status["calls"] {
  return {
    arrived,
    recorded: fates.recorded,
    notSelected: fates["not-selected"],
    notAuthenticated: fates.unauthenticated,
    neverLeft: fates["never-left"],
    refused: fates.refused,
    notRecorded: fates["record-failed"],
    inFlight: arrived - Object.values(fates).reduce((sum, count) => sum + count, 0),
  };
}
