import type { Selectors } from "../../event/selector/selectors.ts";

/** Who wants which data events. Plain, so that it can be told to other processes. */
export interface DataInterest {
  readonly selectors: Selectors;
  /** `recipientAccountId` of the events. */
  readonly accounts: readonly string[];
  /** Of the partition's Regions, this one alone; absent: all. */
  readonly region?: string;
  readonly partition: string;
}
