import { AwsError } from "../../../aws/aws-error.ts";
import { Constraints } from "../constraints.ts";
import { busArn, DEFAULT_BUS } from "../event-bus.ts";
import type { NamedEventsOperation } from "../events-call.ts";
import { limitExceeded } from "../limit-exceeded.ts";
import { addTags, readTags } from "../tags.ts";

/** "Amazon EventBridge quotas". */
const BUSES_PER_PLACE = 100;
const UNSERVED = ["EventSourceName", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"];

/** A bus for the caller's own events. Partner sources, keys, logs and dead letters of a bus are not served. */
export const createEventBus: NamedEventsOperation = {
  name: "CreateEventBus",
  handle(call) {
    const { input, store, place, clock } = call;
    const [name, description] = [input.text("Name"), input.text("Description")];
    const constraints = new Constraints()
      .required("name", name)
      .text("name", name, { min: 1, max: 256, pattern: "[/\\.\\-_A-Za-z0-9]+" })
      .text("description", description, { max: 512 });
    const tags = readTags(constraints, input.structures("Tags"));
    constraints.check();
    const bus = { ...place, bus: name ?? "" };
    if (bus.bus.includes("/")) throw new AwsError("ValidationException", "Event bus name must not contain '/'.");
    if (bus.bus === DEFAULT_BUS || store.buses.get(place, bus.bus) !== undefined) {
      throw new AwsError("ResourceAlreadyExistsException", `Event bus ${bus.bus} already exists.`);
    }
    const [unserved] = input.namesAmong(UNSERVED);
    if (unserved !== undefined) {
      throw new AwsError("NotImplemented", `The embedded account does not have ${unserved} for event buses.`, 501);
    }
    if (store.buses.count(place) >= BUSES_PER_PLACE) throw limitExceeded();
    store.transaction(() => {
      store.buses.insert(place, { name: bus.bus, createdAt: clock.now(), ...(description === undefined ? {} : { description }) });
      addTags(call, busArn(bus), tags);
    });
    return { EventBusArn: busArn(bus), ...(description === undefined ? {} : { Description: description }) };
  },
};
