import { AwsError } from "../../../aws/aws-error.ts";
import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { checkBusName, checkRuleName, namedBus } from "../named-bus.ts";
import { ruleArn } from "../rule.ts";

/** A rule that does not exist is deleted already. What it has matched is delivered all the same. */
export const deleteRule: NamedEventsOperation = {
  name: "DeleteRule",
  handle(call) {
    const { input, store, indexes } = call;
    const name = input.text("Name") ?? "";
    checkBusName(checkRuleName(new Constraints(), "name", input.text("Name")), input.text("EventBusName")).check();
    const bus = namedBus(call, input.text("EventBusName"));
    if (store.targets.list(bus, name).length > 0) {
      throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
    }
    store.transaction(() => {
      store.rules.delete(bus, name);
      store.tags.deleteAll(ruleArn(bus, name));
    });
    indexes.changed(bus);
    return {};
  },
};
