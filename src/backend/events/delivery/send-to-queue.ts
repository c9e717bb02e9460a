import { isFauxqsError } from "../../messaging/fauxqs.ts";
import type { Messaging } from "../../messaging/messaging.ts";
import { toFauxqsRequest } from "../../messaging/queue-answer.ts";
import type { Place } from "../../places.ts";
import { DeliveryError } from "./delivery-error.ts";

export interface QueueMessage {
  readonly queue: string;
  readonly body: string;
  /** For a queue that keeps order. */
  readonly group?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Throws `DeliveryError`. */
export async function sendToQueue(
  messaging: Messaging,
  place: Place,
  { queue, body, group, attributes }: QueueMessage,
): Promise<void> {
  const found = await messaging.at(place);
  const named = Object.entries(attributes ?? {}).map(
    ([name, StringValue]) => [name, { DataType: "String", StringValue }] as const,
  );
  const request = {
    QueueUrl: `http://queue/${queue}`,
    MessageBody: body,
    ...(group === undefined ? {} : { MessageGroupId: group }),
    ...(named.length === 0 ? {} : { MessageAttributes: Object.fromEntries(named) }),
  };
  try {
    await found.sqs("SendMessage", toFauxqsRequest(request, found.place));
  } catch (error) {
    throw isFauxqsError(error) ? refusalOf(error) : error;
  }
}

/** What the embedded queues and topics refuse, they refuse again: the queue is gone, or the message is not for it. */
export function refusalOf(error: Error & { readonly code: string; readonly statusCode: number }): DeliveryError {
  const isMissing = /NonExistentQueue|QueueDoesNotExist|NotFound/.test(error.code);
  const code = isMissing ? "RESOURCE_NOT_FOUND" : "SDK_CLIENT_ERROR";
  return new DeliveryError(code, error.message, error.statusCode < 500, { cause: error });
}
