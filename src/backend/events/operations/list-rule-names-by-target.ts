import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { checkBusName, namedBus } from "../named-bus.ts";
import { checkPaging, page, pageStart } from "../paging.ts";

export const listRuleNamesByTarget: NamedEventsOperation = {
  name: "ListRuleNamesByTarget",
  handle(call) {
    const { input, store } = call;
    const arn = input.text("TargetArn");
    const constraints = new Constraints().required("targetArn", arn).text("targetArn", arn, { min: 1, max: 1600 });
    checkPaging(checkBusName(constraints, input.text("EventBusName")), input).check();
    const bus = namedBus(call, input.text("EventBusName"));
    const { entries, next } = page(input, store.targets.rulesOf(bus, arn ?? "", pageStart(input)), (name) => name);
    return { ...next, RuleNames: entries };
  },
};
