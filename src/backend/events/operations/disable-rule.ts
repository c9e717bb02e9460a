import type { NamedEventsOperation } from "../events-call.ts";
import { setRuleState } from "../set-rule-state.ts";

export const disableRule: NamedEventsOperation = {
  name: "DisableRule",
  handle(call) {
    setRuleState(call, "DISABLED");
    return {};
  },
};
