import { Constraints } from "../constraints.ts";
import type { EventsCall, NamedEventsOperation } from "../events-call.ts";
import { checkBusName, checkRuleName, namedBus, namedRule } from "../named-bus.ts";
import type { RuleState } from "../rule.ts";

function setState(call: EventsCall, state: RuleState): void {
  const { input, store, indexes } = call;
  checkBusName(checkRuleName(new Constraints(), "name", input.text("Name")), input.text("EventBusName")).check();
  const bus = namedBus(call, input.text("EventBusName"));
  const { name } = namedRule(call, bus, input.text("Name") ?? "");
  store.rules.setState(bus, name, state);
  indexes.changed(bus);
}

export const enableRule: NamedEventsOperation = {
  name: "EnableRule",
  handle(call) {
    setState(call, "ENABLED");
    return {};
  },
};

export const disableRule: NamedEventsOperation = {
  name: "DisableRule",
  handle(call) {
    setState(call, "DISABLED");
    return {};
  },
};
