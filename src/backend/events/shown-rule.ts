import type { TreeObject } from "../../aws/tree.ts";
import type { BusPlace } from "./event-bus.ts";
import { type Rule, ruleArn } from "./rule.ts";

/** A rule as DescribeRule and ListRules show it. */
export function shownRule(bus: BusPlace, { name, pattern, state, description, roleArn }: Rule): TreeObject {
  return {
    Name: name,
    Arn: ruleArn(bus, name),
    EventPattern: pattern,
    State: state,
    ...(description === undefined ? {} : { Description: description }),
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
    EventBusName: bus.bus,
  };
}
