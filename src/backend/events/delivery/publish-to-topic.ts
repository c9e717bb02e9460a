import { toFauxqsArns } from "../../messaging/account-number.ts";
import { isFauxqsError } from "../../messaging/fauxqs.ts";
import type { Messaging } from "../../messaging/messaging.ts";
import type { Place } from "../../places.ts";
import { DeliveryError } from "./delivery-error.ts";
import { refusalOf } from "./refusal-of.ts";

/** Throws `DeliveryError`. */
export async function publishToTopic(messaging: Messaging, place: Place, topicArn: string, message: string): Promise<void> {
  const found = await messaging.at(place);
  const form = { Action: "Publish", TopicArn: toFauxqsArns(topicArn, found.place), Message: message };
  try {
    const answer = await found.sns("Publish", form);
    if (answer === undefined) throw new DeliveryError("SDK_CLIENT_ERROR", "The topic cannot be published to.", true);
  } catch (error) {
    throw isFauxqsError(error) ? refusalOf(error) : error;
  }
}
