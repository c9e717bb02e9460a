import type { Position } from "../../journal/journal.ts";
import type { LogGroup } from "./log-family.ts";

/**
 * A log file that is to be delivered. Its content is what the trail selects of one group in the journal behind `after`, up to
 * `upTo`, in journal order: it can be made again at any time, and is the same each time.
 */
export interface LogPlan extends LogGroup {
  readonly id: number;
  readonly trailId: string;
  /** `requestId` of the trail's newest revision that was known when this was planned: later ones have no say in it. */
  readonly revision: string;
  readonly after: Position;
  readonly upTo: Position;
  /** 0 for aggregated ones: the events themselves are in other files. */
  readonly events: number;
  /** `eventTime` of the newest event, epoch seconds. */
  readonly newest: number;
  /** Where it goes: fixed from the first attempt on, unless that was refused for certain. */
  readonly address: PlanAddress | undefined;
}

export interface PlanAddress {
  readonly bucket: string;
  readonly key: string;
  readonly kmsKeyId: string | undefined;
}

export type NewLogPlan = Omit<LogPlan, "id" | "trailId" | "upTo" | "address">;
