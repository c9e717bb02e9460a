import { Constraints } from "./constraints.ts";
import type { EventsCall } from "./events-call.ts";
import { checkBusName, checkRuleName, namedBus, namedRule } from "./named-bus.ts";
import type { RuleState } from "./rule.ts";

/** Of the rule that the request names. Throws as the operations that do it. */
export function setRuleState(call: EventsCall, state: RuleState): void {
  const { input, store, indexes } = call;
  checkBusName(checkRuleName(new Constraints(), "name", input.text("Name")), input.text("EventBusName")).check();
  const bus = namedBus(call, input.text("EventBusName"));
  const { name } = namedRule(call, bus, input.text("Name") ?? "");
  store.rules.setState(bus, name, state);
  indexes.changed(bus);
}
