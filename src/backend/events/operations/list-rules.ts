import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { checkBusName, namedBus } from "../named-bus.ts";
import { checkPaging, page, pageStart } from "../paging.ts";
import { shownRule } from "../shown-rule.ts";

export const listRules: NamedEventsOperation = {
  name: "ListRules",
  handle(call) {
    const { input, store } = call;
    const prefix = input.text("NamePrefix") ?? "";
    checkPaging(checkBusName(new Constraints(), input.text("EventBusName")), input).check();
    const bus = namedBus(call, input.text("EventBusName"));
    const rules = store.rules.list(bus, pageStart(input)).filter(({ name }) => name.startsWith(prefix));
    const { entries, next } = page(input, rules, ({ name }) => name);
    return { ...next, Rules: entries.map((rule) => shownRule(bus, rule)) };
  },
};
