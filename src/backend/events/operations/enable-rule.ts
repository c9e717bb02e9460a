import type { NamedEventsOperation } from "../events-call.ts";
import { setRuleState } from "../set-rule-state.ts";

export const enableRule: NamedEventsOperation = {
  name: "EnableRule",
  handle(call) {
    setRuleState(call, "ENABLED");
    return {};
  },
};
