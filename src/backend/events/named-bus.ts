import { AwsError } from "../../aws/aws-error.ts";
import { type BusPlace, busArn, DEFAULT_BUS } from "./event-bus.ts";
import type { Constraints } from "./constraints.ts";
import type { EventsCall } from "./events-call.ts";
import type { Rule } from "./rule.ts";

const BUS_NAME_OR_ARN = "(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+";
const RULE_NAME = "[\\.\\-_A-Za-z0-9]+";

export function checkRuleName(constraints: Constraints, path: string, name: string | undefined): Constraints {
  return constraints.required(path, name).text(path, name, { min: 1, max: 64, pattern: RULE_NAME });
}

export function checkBusName(constraints: Constraints, name: string | undefined): Constraints {
  return constraints.text("eventBusName", name, { min: 1, max: 1600, pattern: BUS_NAME_OR_ARN });
}

/** The bus by name or ARN, the default one where none is named. Throws `ResourceNotFoundException`; those of others are not found. */
export function namedBus(call: EventsCall, nameOrArn = DEFAULT_BUS): BusPlace {
  const bus = findBus(call, nameOrArn);
  if (bus === undefined) throw noSuchBus(nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1));
  return bus;
}

export function findBus({ place, store }: Pick<EventsCall, "place" | "store">, nameOrArn: string): BusPlace | undefined {
  const name = nameOrArn.startsWith("arn:") ? nameOrArn.slice(nameOrArn.indexOf("/") + 1) : nameOrArn;
  const bus = { ...place, bus: name };
  if (nameOrArn.startsWith("arn:") && nameOrArn !== busArn(bus)) return undefined;
  return name === DEFAULT_BUS || store.buses.get(place, name) !== undefined ? bus : undefined;
}

export function noSuchBus(name: string): AwsError {
  return new AwsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
}

/** Throws `ResourceNotFoundException`. */
export function namedRule({ store }: EventsCall, bus: BusPlace, name: string): Rule {
  const rule = store.rules.get(bus, name);
  if (rule === undefined) throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${bus.bus}.`);
  return rule;
}
