import { createHash } from "node:crypto";
import type { Place } from "../places.ts";
import { fromFauxqsArns, toFauxqsArns } from "./account-number.ts";

type JsonObject = Record<string, unknown>;

/** The request as fauxqs understands it: URLs say no more than the queue's name, ARNs have the account that it knows. */
export function toFauxqsRequest(body: JsonObject, place: Place): JsonObject {
  const attributes = objectOf(body["Attributes"]);
  const redrive = attributes?.["RedrivePolicy"];
  return {
    ...body,
    ...(typeof body["QueueUrl"] === "string" ? { QueueUrl: `http://queue/${nameOf(body["QueueUrl"])}` } : {}),
    ...(typeof redrive === "string" ? { Attributes: { ...attributes, RedrivePolicy: toFauxqsArns(redrive, place) } } : {}),
  };
}

/** The answer as the account gives it: queue URLs lead to `origin`, where the client is already; ARNs have its own account. */
export function fromFauxqsAnswer(answer: JsonObject, place: Place, origin: string): JsonObject {
  const url = (text: unknown): string => `${origin}/${place.accountId}/${nameOf(String(text))}`;
  const { QueueUrl, QueueUrls, Attributes, Messages, ...rest } = answer;
  const attributes = objectOf(Attributes);
  return {
    ...rest,
    ...(QueueUrl === undefined ? {} : { QueueUrl: url(QueueUrl) }),
    ...(Array.isArray(QueueUrls) ? { QueueUrls: QueueUrls.map(url) } : {}),
    ...(attributes === undefined ? {} : { Attributes: withOwnArns(attributes, place) }),
    ...(Array.isArray(Messages) ? { Messages: Messages.map((message) => ownMessage(message, place)) } : {}),
  };
}

function withOwnArns(attributes: JsonObject, place: Place): JsonObject {
  const own = { ...attributes };
  for (const name of ["QueueArn", "RedrivePolicy"]) {
    const value = own[name];
    if (typeof value === "string") own[name] = fromFauxqsArns(value, place);
  }
  return own;
}

/** A notification names its topic in the message's body, of which the message has the MD5. */
function ownMessage(message: unknown, place: Place): unknown {
  const found = objectOf(message);
  if (found === undefined) return message;
  const attributes = objectOf(found["Attributes"]);
  const sender =
    attributes !== undefined && "SenderId" in attributes ? { Attributes: { ...attributes, SenderId: place.accountId } } : {};
  const body = String(found["Body"]);
  const notification = /^\{"Type":"Notification","MessageId":"[^"]*","TopicArn":"[^"]*"/.exec(body)?.[0];
  if (notification === undefined) return { ...found, ...sender };
  const own = fromFauxqsArns(notification, place) + body.slice(notification.length);
  return { ...found, ...sender, Body: own, MD5OfBody: createHash("md5").update(own).digest("hex") };
}

function nameOf(queueUrl: string): string {
  return queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
