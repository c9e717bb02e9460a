import type { LogSink } from "../log-sink.ts";
import type { Messaging } from "../../messaging/messaging.ts";
import { targetPlace } from "../target-place.ts";
import { callApiDestination } from "./api-destination.ts";
import { DeliveryError } from "./delivery-error.ts";
import type { Delivery } from "./delivery-table.ts";
import { QueueSender } from "./queue-sender.ts";
import { publishToTopic } from "./publish-to-topic.ts";
import { putToLogGroup } from "./put-to-log-group.ts";

export interface TargetSendersOptions {
  readonly messaging: () => Promise<Messaging>;
  readonly logs: () => Promise<LogSink>;
  /** URLs by name. */
  readonly apiDestinations: ReadonlyMap<string, string>;
}

/** Hands deliveries to what they are for. */
export class TargetSenders {
  readonly #options: TargetSendersOptions;
  readonly #queues: QueueSender;

  constructor(options: TargetSendersOptions) {
    this.#options = options;
    this.#queues = new QueueSender(options.messaging);
  }

  /** Resolves when the target has taken `input` for good. Throws `DeliveryError`, and anything for what is out of order here. */
  async send({ target, place, event }: Delivery, input: string, signal: AbortSignal): Promise<void> {
    const { messaging, logs, apiDestinations } = this.#options;
    const found = targetPlace(target.Arn, place);
    switch (found?.kind) {
      case "queue": {
        const group = target.SqsParameters?.MessageGroupId;
        return await this.#queues.send(place, {
          queue: found.name,
          body: input,
          ...(group === undefined ? {} : { group }),
        });
      }
      case "topic":
        return await publishToTopic(await messaging(), place, target.Arn, input);
      case "log-group":
        return await putToLogGroup(await logs(), place, { group: found.name, target, event, input });
      case "api-destination": {
        const url = apiDestinations.get(found.name);
        if (url === undefined) break;
        return await callApiDestination(url, target.HttpParameters ?? {}, input, signal);
      }
      case undefined:
        break;
    }
    throw new DeliveryError("RESOURCE_NOT_FOUND", `There is no target ${target.Arn}.`, true);
  }

  /** To the dead-letter queue, with what went wrong. */
  async bury({ target, place, event, ruleArn, failure }: Delivery): Promise<void> {
    const queue = targetPlace(target.DeadLetterConfig?.Arn ?? "", place);
    if (queue?.kind !== "queue" || failure === undefined) return;
    const attributes = {
      RULE_ARN: ruleArn,
      TARGET_ARN: target.Arn,
      ERROR_CODE: failure.code,
      ERROR_MESSAGE: failure.message,
      RETRY_ATTEMPTS: String(failure.attempts),
      ...(failure.exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: failure.exhausted }),
    };
    await this.#queues.send(place, { queue: queue.name, body: event, attributes });
  }
}
