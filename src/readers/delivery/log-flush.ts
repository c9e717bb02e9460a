import type { Position } from "../../journal/journal.ts";
import type { CompressedLog } from "./compressed-log.ts";
import { uniquePartOf } from "./log-file-key.ts";
import type { LogPlan } from "./log-plan.ts";
import type { LogWindow } from "./log-window.ts";

/** The plans that were made together, as far as they are not delivered. */
export class LogFlush {
  readonly after: Position;
  readonly upTo: Position;
  plans: readonly LogPlan[];
  /** By plan; undefined where they have to be made again from the journal. */
  files: Promise<ReadonlyMap<number, CompressedLog>> | undefined;
  /** Not yet compressed. */
  windows: ReadonlyMap<number, LogWindow> | undefined;

  constructor(plans: readonly LogPlan[], after: Position, upTo: Position) {
    this.plans = plans;
    this.after = after;
    this.upTo = upTo;
  }

  /** Lets go of the content: it is made again when it is wanted. */
  drop(): void {
    this.files = undefined;
    this.windows = undefined;
  }

  remove(plan: LogPlan): void {
    this.plans = this.plans.filter(({ id }) => id !== plan.id);
  }

  replace(plans: readonly LogPlan[]): void {
    const byId = new Map(plans.map((plan) => [plan.id, plan]));
    this.plans = this.plans.map((plan) => byId.get(plan.id) ?? plan);
  }
}

/**
 * Plans as they were stored, put together again. Those that have their keys come first, in the order of these: what is
 * given a key from now on sorts behind them.
 */
export function flushesOf(plans: readonly LogPlan[]): readonly LogFlush[] {
  const ordered = plans.toSorted((a, b) => compare(turnOf(a), turnOf(b)) || a.id - b.id);
  const groups = Map.groupBy(ordered, ({ after, upTo, address }) => `${after} ${upTo} ${address?.bucket ?? ""}`);
  return [...groups.values()].map((group) => {
    const [{ after, upTo } = { after: 0, upTo: 0 }] = group;
    return new LogFlush(group, after, upTo);
  });
}

/** The unique part of its key, which grows; behind all of them without a key. */
function turnOf({ address }: LogPlan): string {
  return address === undefined ? "~" : uniquePartOf(address.key);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
