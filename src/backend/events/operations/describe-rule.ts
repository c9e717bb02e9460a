import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { checkBusName, checkRuleName, namedBus, namedRule } from "../named-bus.ts";
import { shownRule } from "../shown-rule.ts";

export const describeRule: NamedEventsOperation = {
  name: "DescribeRule",
  handle(call) {
    const { input, place } = call;
    const name = input.text("Name") ?? "";
    checkBusName(checkRuleName(new Constraints(), "name", input.text("Name")), input.text("EventBusName")).check();
    const bus = namedBus(call, input.text("EventBusName"));
    return { ...shownRule(bus, namedRule(call, bus, name)), CreatedBy: place.accountId };
  },
};
