import { partitionOf } from "../../aws/region.ts";
import { type BusPlace, DEFAULT_BUS } from "./event-bus.ts";

/** Read-only management events that come via CloudTrail go to rules in the last state alone. */
export const RULE_STATES = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"] as const;
export type RuleState = (typeof RULE_STATES)[number];

export interface Rule {
  readonly name: string;
  /** As it was given. */
  readonly pattern: string;
  readonly state: RuleState;
  readonly description?: string;
  readonly roleArn?: string;
}

export function ruleArn(place: BusPlace, name: string): string {
  const { accountId, region, bus } = place;
  const path = bus === DEFAULT_BUS ? name : `${bus}/${name}`;
  return `arn:${partitionOf(region).id}:events:${region}:${accountId}:rule/${path}`;
}
