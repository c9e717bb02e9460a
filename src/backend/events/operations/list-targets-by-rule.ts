import type { TreeObject } from "../../../aws/tree.ts";
import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { checkBusName, checkRuleName, namedBus, namedRule } from "../named-bus.ts";
import { checkPaging, page, pageStart } from "../paging.ts";
import type { Target } from "../target.ts";

export const listTargetsByRule: NamedEventsOperation = {
  name: "ListTargetsByRule",
  handle(call) {
    const { input, store } = call;
    const constraints = checkRuleName(new Constraints(), "rule", input.text("Rule"));
    checkPaging(checkBusName(constraints, input.text("EventBusName")), input).check();
    const bus = namedBus(call, input.text("EventBusName"));
    const { name } = namedRule(call, bus, input.text("Rule") ?? "");
    const { entries, next } = page(input, store.targets.list(bus, name, pageStart(input)), ({ Id }) => Id);
    return { ...next, Targets: entries.map(shown) };
  },
};

/** A target is kept as it was given. */
function shown(target: Target): TreeObject {
  return JSON.parse(JSON.stringify(target)) as TreeObject;
}
