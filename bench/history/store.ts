import { createLogger } from "../../src/base/logger.ts";
import { HistoryThread } from "../../src/readers/history/history-thread.ts";

/** The history as it is in service, in a thread of its own. `now`: epoch milliseconds, at which its clock stands. */
export async function openStore(dir: string, now: number): Promise<HistoryThread> {
  const clock = { now: () => now };
  const history = new HistoryThread({ dir, retentionDays: 90, dataEvents: false, clock, logger: createLogger("warn") });
  await history.open(Number.MAX_SAFE_INTEGER);
  return history;
}
