import type { TreeObject } from "../../aws/tree.ts";
import type { Place } from "../places.ts";
import { busArn, type EventBus } from "./event-bus.ts";

/** A bus as DescribeEventBus and ListEventBuses show it. */
export function shownBus(place: Place, { name, description, createdAt }: EventBus): TreeObject {
  const created = createdAt === undefined ? undefined : new Date(createdAt);
  return {
    Name: name,
    Arn: busArn({ ...place, bus: name }),
    ...(description === undefined ? {} : { Description: description }),
    ...(created === undefined ? {} : { CreationTime: created, LastModifiedTime: created }),
  };
}
