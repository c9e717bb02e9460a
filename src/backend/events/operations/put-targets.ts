import type { TreeObject } from "../../../aws/tree.ts";
import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { limitExceeded } from "../limit-exceeded.ts";
import { checkBusName, checkRuleName, namedBus, namedRule } from "../named-bus.ts";
import { checkTarget, readTarget } from "../read-target.ts";

/** "Amazon EventBridge quotas". */
const TARGETS_PER_RULE = 5;

/** Replaces targets of the same ids. All or none are taken. */
export const putTargets: NamedEventsOperation = {
  name: "PutTargets",
  handle(call) {
    const { input, store, indexes } = call;
    const list = input.structures("Targets");
    const constraints = checkRuleName(new Constraints(), "rule", input.text("Rule"));
    checkBusName(constraints, input.text("EventBusName")).required("targets", list).list("targets", list, 100);
    const targets = (list ?? []).map((members, at) => readTarget(constraints, members, `targets.${at + 1}.member`));
    constraints.check();
    const bus = namedBus(call, input.text("EventBusName"));
    const { name } = namedRule(call, bus, input.text("Rule") ?? "");
    for (const target of targets) checkTarget(call, target);
    const ids = new Set([...store.targets.list(bus, name), ...targets].map(({ Id }) => Id));
    if (ids.size > TARGETS_PER_RULE) throw limitExceeded();
    store.transaction(() => {
      for (const target of targets) store.targets.put(bus, name, target);
    });
    indexes.changed(bus);
    return { FailedEntryCount: 0, FailedEntries: [] as TreeObject[] };
  },
};
