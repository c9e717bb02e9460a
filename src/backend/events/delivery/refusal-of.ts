import type { FauxqsError } from "../../messaging/fauxqs.ts";
import { DeliveryError } from "./delivery-error.ts";

/** What the embedded queues and topics refuse, they refuse again: the queue is gone, or the message is not for it. */
export function refusalOf(error: FauxqsError): DeliveryError {
  const isMissing = /NonExistentQueue|QueueDoesNotExist|NotFound/.test(error.code);
  const code = isMissing ? "RESOURCE_NOT_FOUND" : "SDK_CLIENT_ERROR";
  return new DeliveryError(code, error.message, error.statusCode < 500, { cause: error });
}
