import { AwsError } from "../../../aws/aws-error.ts";
import { Constraints } from "../constraints.ts";
import { busArn, DEFAULT_BUS } from "../event-bus.ts";
import type { NamedEventsOperation } from "../events-call.ts";

/** A bus that does not exist is deleted already. */
export const deleteEventBus: NamedEventsOperation = {
  name: "DeleteEventBus",
  handle({ input, store, place, indexes }) {
    const name = input.text("Name") ?? "";
    new Constraints().required("name", input.text("Name")).text("name", name, { max: 256 }).check();
    if (name === DEFAULT_BUS) throw new AwsError("ValidationException", `Cannot delete event bus ${DEFAULT_BUS}.`);
    const bus = { ...place, bus: name };
    if (store.rules.count(bus) > 0) throw new AwsError("ValidationException", "Event bus can't be deleted since it has rules.");
    store.transaction(() => {
      store.buses.delete(place, name);
      store.tags.deleteAll(busArn(bus));
    });
    indexes.changed(bus);
    return {};
  },
};
