import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type BrokenLog, checkSqliteLog } from "../base/check-sqlite-log.ts";
import type { Logger } from "../base/logger.ts";

/** What it means that a part's newest commits are missing, for people. */
const MEANS = {
  trails: "trails that were made, changed or removed last may be as they were before",
  delivery: "log files that were delivered last may be delivered again, under keys of their own",
  organization: "delegated administrators that were registered or removed last may be as they were before",
  identities: "keys and sessions that were learned last may be unknown, until IAM or STS shows them again",
  buffer: "event history reads the events that were in it again, as far as the journal still holds them",
  day: "events of that day may be missing from event history",
} as const;

/**
 * Tells which databases of a data directory have lost commits to a broken log, in the log and by its answer, for people. To be
 * called when the directory is ours and before any of them is opened. Serving goes on all the same: what is left is of more use
 * than nothing, and what is lost does not come back by refusing it.
 */
export function reportBrokenLogs(dataDir: string, logger: Logger): readonly string[] {
  const reports: string[] = [];
  for (const [path, means] of databases(dataDir)) {
    const broken = check(path);
    if (broken === undefined) continue;
    const { file, offset, what } = broken;
    const text = `${file}, offset ${offset}: ${what}; ${means}`;
    logger.error({ file, offset }, `damaged data: ${text}`);
    reports.push(text);
  }
  return reports;
}

/** A file that cannot be read is for whoever opens it next to report. */
function check(path: string): BrokenLog | undefined {
  try {
    return checkSqliteLog(path);
  } catch {
    return undefined;
  }
}

function* databases(dataDir: string): Generator<readonly [path: string, means: string]> {
  yield [join(dataDir, "trails.sqlite"), MEANS.trails];
  yield [join(dataDir, "delivery.sqlite"), MEANS.delivery];
  yield [join(dataDir, "organization.sqlite"), MEANS.organization];
  yield [join(dataDir, "identities.sqlite"), MEANS.identities];
  yield [join(dataDir, "history", "buffer.db"), MEANS.buffer];
  const days = join(dataDir, "history", "days");
  if (!existsSync(days)) return;
  for (const name of readdirSync(days)) if (name.endsWith(".db")) yield [join(days, name), MEANS.day];
}
