import type { Messaging } from "../../messaging/messaging.ts";
import { toFauxqsRequest } from "../../messaging/queue-answer.ts";
import type { Place } from "../../places.ts";
import { refusalOf } from "./refusal-of.ts";

export interface QueueMessage {
  readonly queue: string;
  readonly body: string;
  /** For a queue that keeps order. */
  readonly group?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

interface Waiting {
  readonly message: QueueMessage;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Sends messages to queues. Those of one account and region that come together become durable together, in the order in which they came. */
export class QueueSender {
  readonly #messaging: () => Promise<Messaging>;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(messaging: () => Promise<Messaging>) {
    this.#messaging = messaging;
  }

  /** Resolves when the queue has the message for good. Throws `DeliveryError`. */
  async send(place: Place, message: QueueMessage): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const key = `${place.accountId}/${place.region}`;
      const known = this.#waiting.get(key);
      const waiting = known ?? [];
      waiting.push({ message, resolve, reject });
      if (known !== undefined) return;
      this.#waiting.set(key, waiting);
      setImmediate(() => {
        this.#waiting.delete(key);
        void this.#flush(place, waiting);
      });
    });
  }

  async #flush(place: Place, waiting: readonly Waiting[]): Promise<void> {
    try {
      const found = await (await this.#messaging()).at(place);
      const refusals = found.sendTogether(waiting.map(({ message }) => toFauxqsRequest(requestOf(message), found.place)));
      for (const [at, { resolve, reject }] of waiting.entries()) {
        const refusal = refusals[at];
        if (refusal === undefined) resolve();
        else reject(refusalOf(refusal));
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

function requestOf({ queue, body, group, attributes = {} }: QueueMessage): Record<string, unknown> {
  const named = Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }] as const);
  return {
    QueueUrl: `http://queue/${queue}`,
    MessageBody: body,
    ...(group === undefined ? {} : { MessageGroupId: group }),
    ...(named.length === 0 ? {} : { MessageAttributes: Object.fromEntries(named) }),
  };
}
