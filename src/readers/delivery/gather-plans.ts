import type { Trail } from "../../account/trails/trail.ts";
import type { TrailRevision } from "../../account/trails/trail-store.ts";
import type { EventIndex } from "../../event/built-event.ts";
import { type Journal, JournalTrimmed, type StoredEntry } from "../../journal/journal.ts";
import { AggregatedEvents } from "./aggregated-events.ts";
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
export async function gatherPlans(
  plans: readonly LogPlan[],
  source: PlanSource,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, LogWindow>> {
  const [first] = plans;
  if (first === undefined) return new Map();
  const known = source.revisions.findLastIndex(({ requestId }) => requestId === first.revision);
  const revisions = known === -1 ? source.revisions : source.revisions.slice(0, known + 1);
  const gathered =
    first.family === "CloudTrail-Aggregated" ? new AggregateContents(plans, newestOf(revisions)) : new LogContents(plans);
  // Not by who is a member today.
  const accounts = new Set(plans.map(({ account }) => account));
  const selection = new TrailSelection(revisions, source.ends, (_, accountId) => accounts.has(accountId));
  for (let after = first.after; after < first.upTo;) {
    signal.throwIfAborted();
    const entries = await readFrom(source.journal, after, Math.min(READ_LIMIT, first.upTo - after));
    for (const entry of entries) {
      if (entry.position > first.upTo) break;
      const fate = selection.fate(entry);
      if (fate !== "selected" && fate !== "own") continue;
      const index = entryIndex(entry);
      if (index !== undefined) gathered.add(index, entry.body);
    }
    const last = entries.at(-1)?.position;
    if (last === undefined) break;
    after = last;
  }
  return gathered.contents();
}

/** The files of the events themselves. */
class LogContents {
  readonly #plans: readonly LogPlan[];
  readonly #windows = new LogWindows();

  constructor(plans: readonly LogPlan[]) {
    this.#plans = plans;
  }

  add(index: EventIndex, record: Uint8Array): void {
    this.#windows.add(index, record);
  }

  contents(): ReadonlyMap<number, LogWindow> {
    return new Map(this.#plans.flatMap((plan) => entryOf(plan.id, this.#windows.get(plan))));
  }
}

/** Files of what data events come to. */
class AggregateContents {
  readonly #plans: readonly { readonly plan: LogPlan; readonly events: AggregatedEvents }[];

  constructor(plans: readonly LogPlan[], { aggregationTemplates = [] }: Trail) {
    this.#plans = plans.map((plan) => {
      const { family, account, region } = plan;
      return { plan, events: new AggregatedEvents({ family, account, region }, aggregationTemplates) };
    });
  }

  add(index: EventIndex, record: Uint8Array): void {
    if (index.category !== "Data") return;
    for (const { plan, events } of this.#plans) {
      if (plan.account === index.account && plan.region === index.region) events.add(index, record);
    }
  }

  contents(): ReadonlyMap<number, LogWindow> {
    const seedOf = ({ trailId, after, upTo, account, region }: LogPlan): string =>
      JSON.stringify([trailId, after, upTo, account, region]);
    return new Map(this.#plans.flatMap(({ plan, events }) => entryOf(plan.id, events.window(seedOf(plan)))));
  }
}

function entryOf(id: number, window: LogWindow | undefined): readonly (readonly [number, LogWindow])[] {
  return window === undefined ? [] : [[id, window]];
}

function newestOf(revisions: readonly TrailRevision[]): Trail {
  const last = revisions.at(-1);
  if (last === undefined) throw new RangeError("a trail has at least one revision");
  return last.trail;
}

async function readFrom(journal: PlanSource["journal"], after: number, limit: number): Promise<readonly StoredEntry[]> {
  try {
    return await journal.read(after, limit);
  } catch (error) {
    if (!(error instanceof JournalTrimmed)) throw error;
    return journal.read(Math.max(after, journal.status().first - 1), limit);
  }
}
