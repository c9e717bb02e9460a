import { Constraints } from "../constraints.ts";
import { DEFAULT_BUS, type EventBus } from "../event-bus.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { checkPaging, page, pageStart } from "../paging.ts";
import { shownBus } from "../shown-bus.ts";

export const listEventBuses: NamedEventsOperation = {
  name: "ListEventBuses",
  handle({ input, store, place }) {
    checkPaging(new Constraints(), input).check();
    const prefix = input.text("NamePrefix") ?? "";
    const start = pageStart(input);
    const all: readonly EventBus[] = [{ name: DEFAULT_BUS }, ...store.buses.list(place)];
    const buses = all
      .filter(({ name }) => name > start && name.startsWith(prefix))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    const { entries, next } = page(input, buses, ({ name }) => name);
    return { ...next, EventBuses: entries.map((bus) => shownBus(place, bus)) };
  },
};
