import { isoSeconds } from "../base/clock.ts";
import type { JsonObject } from "../aws/tree.ts";
import type { BuiltEvent } from "./built-event.ts";
import { encodeRecord } from "./encode.ts";

/** An event that a service made by itself, without anybody's call. */
export interface ServiceEvent {
  readonly eventId: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** `recipientAccountId` */
  readonly account: string;
  readonly region: string;
  /** `cloudtrail.amazonaws.com` */
  readonly source: string;
  readonly name: string;
  /** `serviceEventDetails` */
  readonly details: JsonObject;
}

/**
 * The record of a service's own event: an identity without type, the service as address and user agent, no parameters.
 * Source: "Non-API events captured by CloudTrail", AWS service events.
 */
export function buildServiceEvent({ eventId, time, account, region, source, name, details }: ServiceEvent): BuiltEvent {
  const record = encodeRecord({
    eventVersion: "1.11",
    userIdentity: { accountId: account, invokedBy: source },
    eventTime: isoSeconds(time),
    eventSource: source,
    eventName: name,
    awsRegion: region,
    sourceIPAddress: source,
    userAgent: source,
    requestParameters: null,
    responseElements: null,
    eventID: eventId,
    readOnly: false,
    eventType: "AwsServiceEvent",
    managementEvent: true,
    recipientAccountId: account,
    serviceEventDetails: details,
    eventCategory: "Management",
  });
  return {
    record,
    index: {
      eventId,
      time: Math.floor(time / 1000),
      account,
      region,
      category: "Management",
      source,
      name,
      readOnly: false,
      resources: [],
    },
  };
}
