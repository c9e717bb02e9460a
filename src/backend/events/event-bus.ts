import type { Place } from "../places.ts";
import { partitionOf } from "../../aws/region.ts";

/** The bus that every account has in every region, and the only one that AWS services send to. */
export const DEFAULT_BUS = "default";

export interface EventBus {
  readonly name: string;
  readonly description?: string;
  /** Epoch milliseconds; absent for the default bus. */
  readonly createdAt?: number;
}

/** One bus of one account in one region. */
export interface BusPlace extends Place {
  readonly bus: string;
}

export function busArn({ accountId, region, bus }: BusPlace): string {
  return `arn:${partitionOf(region).id}:events:${region}:${accountId}:event-bus/${bus}`;
}
