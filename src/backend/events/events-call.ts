import type { TreeObject } from "../../aws/tree.ts";
import type { Clock } from "../../base/clock.ts";
import type { Place } from "../places.ts";
import type { BusIndexes } from "./bus-index.ts";
import type { EventsStore } from "./events-store.ts";
import type { Members } from "./members.ts";

/** One EventBridge request, taken apart. */
export interface EventsCall {
  readonly input: Members;
  readonly place: Place;
  /** The AWS service that calls by itself: `cloudtrail.amazonaws.com`. */
  readonly servicePrincipal: string | undefined;
  readonly store: EventsStore;
  readonly indexes: BusIndexes;
  readonly clock: Clock;
  /** Names of the API destinations that the operator has set. */
  readonly apiDestinations: ReadonlySet<string>;
  /** Lanes of deliveries have work. */
  readonly wake: (lanes: readonly string[]) => void;
}

/** The output by Smithy member names. Throws `AwsError`. */
export type EventsOperation = (call: EventsCall) => TreeObject;

/** All of one operation. */
export interface NamedEventsOperation {
  readonly name: string;
  readonly handle: EventsOperation;
}
