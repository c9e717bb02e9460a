import { AwsError } from "../../aws/aws-error.ts";
import { EndpointFailure, type Endpoint, type EndpointRequest, type EndpointResponse } from "../../aws/endpoint.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { Places } from "../places.ts";
import { readWholeBody } from "../read-whole-body.ts";
import { internalFailure, notImplemented, refuse } from "../refuse.ts";
import { LOGS_OPERATIONS } from "./logs-operations.ts";
import { LogsStore } from "./logs-store.ts";
import { Members } from "./members.ts";
import { Sweeper } from "./sweeper.ts";

/** PutLogEvents holds 1 MiB of messages, which JSON may spell six times as long, in 10,000 events. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface LogsEndpointOptions {
  /** Where groups are kept, by account and region; made where it is missing. One process at a time. */
  readonly directory: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** CloudWatch Logs by its JSON protocol: the operations of `LOGS_OPERATIONS`, `NotImplemented` (501) for every other. */
export class LogsEndpoint implements Endpoint {
  readonly #places: Places<LogsStore>;
  readonly #sweeper: Sweeper;
  readonly #logger: Logger;
  readonly #clock: Clock;

  constructor({ directory, logger, clock }: LogsEndpointOptions) {
    this.#logger = logger;
    this.#clock = clock;
    this.#places = new Places((place) => {
      const store = new LogsStore(directory, place, clock);
      this.#sweeper.wake();
      return store;
    });
    this.#sweeper = new Sweeper(() => this.#places.all(), logger);
  }

  async send(request: EndpointRequest): Promise<EndpointResponse> {
    const { operationName, protocol = "awsJson1_1" } = request.context;
    const operation = LOGS_OPERATIONS.get(operationName);
    if (operation === undefined || !protocol.startsWith("awsJson")) return refuse(request, notImplemented(request));
    try {
      const members = Members.parse(await readWholeBody(request, MAX_BODY_BYTES));
      const store = this.#places.at(request.context);
      return render(request, operation({ store, members, clock: this.#clock, wakeSweeper: () => this.#sweeper.wake() }));
    } catch (error) {
      if (error instanceof EndpointFailure) throw error;
      if (error instanceof AwsError) return refuse(request, error);
      this.#logger.error({ err: error, operation: operationName }, "a CloudWatch Logs call failed");
      return refuse(request, internalFailure());
    }
  }

  async close(): Promise<void> {
    this.#sweeper.close();
    for (const store of this.#places.all()) store.close();
  }
}

function render({ context }: EndpointRequest, output: object): EndpointResponse {
  const body = Buffer.from(JSON.stringify(output));
  const type = context.protocol === "awsJson1_0" ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
  const headers = ["x-amzn-RequestId", context.requestId, "Content-Type", type, "Content-Length", String(body.length)];
  return { status: 200, headers, body };
}
