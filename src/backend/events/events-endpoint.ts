import { AwsError } from "../../aws/aws-error.ts";
import { encodeJsonResponse } from "../../aws/codec/encode-response.ts";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { Places, type Place } from "../places.ts";
import { readWholeBody } from "../read-whole-body.ts";
import { internalFailure, notImplemented, refuse } from "../refuse.ts";
import { BusIndexes } from "./bus-index.ts";
import { Deliverer } from "./delivery/deliverer.ts";
import { TargetSenders, type TargetSendersOptions } from "./delivery/target-senders.ts";
import { EVENTS_OPERATIONS } from "./events-operations.ts";
import { EventsStore } from "./events-store.ts";
import { Members } from "./members.ts";

/** Ten entries hold 1 MiB, which JSON may spell six times as long. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface EventsEndpointOptions extends TargetSendersOptions {
  /** Where rules and queued deliveries are kept; made where it is missing. One process at a time. */
  readonly directory: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * EventBridge by its JSON protocol. Rules and buses belong to the caller's account and region, as do the targets that they reach.
 * What an earlier run has left to deliver is taken up at once.
 */
export class EventsEndpoint implements Endpoint {
  readonly #store: EventsStore;
  readonly #indexes: BusIndexes;
  readonly #deliverer: Deliverer;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #apiDestinations: ReadonlySet<string>;
  readonly #places = new Places<Place>((place) => place);

  constructor({ directory, logger, clock, ...senders }: EventsEndpointOptions) {
    this.#store = new EventsStore(directory);
    this.#indexes = new BusIndexes(this.#store);
    this.#logger = logger;
    this.#clock = clock;
    this.#apiDestinations = new Set(senders.apiDestinations.keys());
    this.#deliverer = new Deliverer({ store: this.#store, senders: new TargetSenders(senders), clock, logger });
    this.#deliverer.start();
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { operation, operationName, protocol = "awsJson1_1", servicePrincipal, requestId } = request.context;
    const found = EVENTS_OPERATIONS.get(operationName);
    if (found === undefined || operation === undefined || protocol !== "awsJson1_1")
      return refuse(request, notImplemented(request));
    try {
      const input = Members.ofBody(await readWholeBody(request, MAX_BODY_BYTES));
      const output = found.handle({
        input,
        place: this.#places.at(request.context),
        servicePrincipal,
        store: this.#store,
        indexes: this.#indexes,
        clock: this.#clock,
        apiDestinations: this.#apiDestinations,
        wake: (lanes) => this.#deliverer.wake(lanes),
      });
      return encodeJsonResponse(operation, "awsJson1_1", output, requestId);
    } catch (error) {
      if (error instanceof EndpointFailure) throw error;
      if (error instanceof AwsError) return refuse(request, error);
      this.#logger.error({ err: error, operation: operationName }, "an EventBridge call failed");
      return refuse(request, internalFailure());
    }
  }

  async close(): Promise<void> {
    await this.#deliverer.close();
    this.#store.close();
  }
}
