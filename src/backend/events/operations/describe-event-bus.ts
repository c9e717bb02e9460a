import { Constraints } from "../constraints.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { namedBus } from "../named-bus.ts";
import { shownBus } from "../shown-bus.ts";

export const describeEventBus: NamedEventsOperation = {
  name: "DescribeEventBus",
  handle(call) {
    const { input, store, place } = call;
    new Constraints().text("name", input.text("Name"), { min: 1, max: 1600 }).check();
    const { bus } = namedBus(call, input.text("Name"));
    return shownBus(place, store.buses.get(place, bus) ?? { name: bus });
  },
};
