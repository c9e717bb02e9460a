import type { TreeObject } from "../../../aws/tree.ts";
import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { checkBusName, checkRuleName, namedBus, namedRule } from "../named-bus.ts";

/** What has been matched before is delivered all the same. */
export const removeTargets: NamedEventsOperation = {
  name: "RemoveTargets",
  handle(call) {
    const { input, store, indexes } = call;
    const ids = input.texts("Ids");
    const constraints = checkRuleName(new Constraints(), "rule", input.text("Rule"));
    checkBusName(constraints, input.text("EventBusName")).required("ids", ids).list("ids", ids, 100).check();
    const bus = namedBus(call, input.text("EventBusName"));
    const { name } = namedRule(call, bus, input.text("Rule") ?? "");
    const failed: TreeObject[] = [];
    store.transaction(() => {
      for (const id of ids ?? []) {
        if (store.targets.has(bus, name, id)) {
          store.targets.delete(bus, name, id);
        } else {
          failed.push({
            TargetId: id,
            ErrorCode: "ResourceNotFoundException",
            ErrorMessage: `Rule ${name} does not have a target with the Id ${id}.`,
          });
        }
      }
    });
    indexes.changed(bus);
    return { FailedEntryCount: failed.length, FailedEntries: failed };
  },
};
