import type { TrailRevision } from "../../account/trails/trail-store.ts";
import { type Journal, JournalTrimmed, type StoredEntry } from "../../journal/journal.ts";
import { entryIndex } from "./entry-index.ts";
import type { LogPlan } from "./log-plan.ts";
import type { LogWindow } from "./log-window.ts";
import { LogWindows } from "./log-windows.ts";
import type { TrailEnds } from "./trail-ends.ts";
import { TrailSelection } from "./trail-selection.ts";

const READ_LIMIT = 500;

export interface PlanSource {
  readonly journal: Pick<Journal, "read" | "status">;
  readonly revisions: readonly TrailRevision[];
  readonly ends: TrailEnds;
}

/**
 * Makes the content of plans that were made together again, from the journal and from the revisions that were known when they
 * were planned. A plan whose events are all damaged or gone has none.
 */
export async function gatherPlans(plans: readonly LogPlan[], source: PlanSource, signal: AbortSignal): Promise<ReadonlyMap<number, LogWindow>> {
  const [first] = plans;
  if (first === undefined) return new Map();
  const known = source.revisions.findLastIndex(({ requestId }) => requestId === first.revision);
  const revisions = known === -1 ? source.revisions : source.revisions.slice(0, known + 1);
  // Not by who is a member today.
  const accounts = new Set(plans.map(({ account }) => account));
  const selection = new TrailSelection(revisions, source.ends, (_, accountId) => accounts.has(accountId));
  const windows = new LogWindows();
  for (let after = first.after; after < first.upTo; ) {
    signal.throwIfAborted();
    const entries = await readFrom(source.journal, after, Math.min(READ_LIMIT, first.upTo - after));
    for (const entry of entries) {
      if (entry.position > first.upTo) break;
      const fate = selection.fate(entry);
      if (fate !== "selected" && fate !== "own") continue;
      const index = entryIndex(entry);
      if (index !== undefined) windows.add(index, entry.body);
    }
    const last = entries.at(-1)?.position;
    if (last === undefined) break;
    after = last;
  }
  const byName = new Map(windows.all().map((window) => [nameOf(window.group), window]));
  return new Map(
    plans.flatMap((plan) => {
      const window = byName.get(nameOf(plan));
      return window === undefined ? [] : [[plan.id, window] as const];
    }),
  );
}

async function readFrom(journal: PlanSource["journal"], after: number, limit: number): Promise<readonly StoredEntry[]> {
  try {
    return await journal.read(after, limit);
  } catch (error) {
    if (!(error instanceof JournalTrimmed)) throw error;
    return journal.read(Math.max(after, journal.status().first - 1), limit);
  }
}

function nameOf({ family, account, region }: Pick<LogPlan, "family" | "account" | "region">): string {
  return `${family} ${account} ${region}`;
}
