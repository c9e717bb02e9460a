import type { RecordResource, ServiceRules } from "../service-rules.ts";
import { listAt, textAt } from "./read-tree.ts";
import { arnOrNamed } from "./record-resource.ts";

/** PutEvents takes ten entries. */
const MAXIMUM_ENTRIES = 10;

/** Buses are listed without their owner. Source: Amazon EventBridge User Guide, "Logging API calls using AWS CloudTrail". */
export const eventbridge: ServiceRules = {
  resources: (call): readonly RecordResource[] | undefined => {
    if (call.operationName !== "PutEvents") return undefined;
    const names = listAt(call.input, "Entries")
      .slice(0, MAXIMUM_ENTRIES)
      .map((entry) => textAt(entry, "EventBusName") ?? "default");
    const arns = new Set(names.map((name) => arnOrNamed(call, "events", name, "event-bus/")));
    return [...arns].map((arn) => ({ type: "AWS::Events::EventBus", ARN: arn }));
  },
};
