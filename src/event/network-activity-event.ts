import { isoSeconds } from "../base/clock.ts";
import { dataResourceType } from "../aws/catalogue/facts/data-events.ts";
import { eventName } from "../aws/catalogue/facts/event-name.ts";
import { eventSource } from "../aws/catalogue/facts/event-source.ts";
import { recordedRegion } from "../aws/catalogue/facts/global-services.ts";
import { isReadOnlyCall } from "../aws/catalogue/facts/read-only.ts";
import type { JsonObject } from "../aws/tree.ts";
import type { ApiCall, VpcEndpoint } from "./api-call.ts";
import type { BuiltEvent } from "./built-event.ts";
import { encodeRecord } from "./encode.ts";
import { truncateUtf8 } from "./limits.ts";
import { userIdentity } from "./user-identity.ts";

const DENIED = { errorCode: "VpceAccessDenied", errorMessage: "The request was denied due to a VPC endpoint policy" } as const;

/** What a network activity event has besides what its call says. */
export interface NetworkActivityFacts {
  readonly eventId: string;
  readonly eventVersion: string;
  /** Of this event alone: it joins copies that other accounts may receive. */
  readonly sharedEventId: string;
}

/**
 * The event that the owner of a VPC endpoint receives of a call through it: who called what and whether the endpoint's policy let
 * it through, without parameters. Source: CloudTrail User Guide, "Logging network activity events".
 */
export function networkActivityEvent(call: ApiCall, endpoint: VpcEndpoint, facts: NetworkActivityFacts): BuiltEvent {
  const { serviceId, operationName, completedAt, requestId } = call;
  const source = eventSource(serviceId, call.signingName, dataResourceType(serviceId, operationName) !== undefined);
  const name = truncateUtf8(eventName(serviceId, operationName));
  const region = recordedRegion(serviceId, call.region, call.request.host);
  const error = endpoint.denied ? DENIED : undefined;
  const record = encodeRecord({
    eventVersion: facts.eventVersion,
    userIdentity: identityFor(endpoint.accountId, userIdentity(call.caller, { serviceId, region })),
    eventTime: isoSeconds(completedAt),
    eventSource: source,
    eventName: name,
    awsRegion: region,
    sourceIPAddress: call.sourceIp,
    ...error,
    requestID: requestId === "" ? undefined : requestId,
    eventID: facts.eventId,
    eventType: "AwsVpceEvent",
    recipientAccountId: endpoint.accountId,
    sharedEventID: facts.sharedEventId,
    vpcEndpointId: endpoint.id,
    vpcEndpointAccountId: endpoint.accountId,
    eventCategory: "NetworkActivity",
  });
  return {
    record,
    index: {
      eventId: facts.eventId,
      time: Math.floor(completedAt / 1000),
      account: endpoint.accountId,
      region,
      category: "NetworkActivity",
      source,
      name,
      readOnly: isReadOnlyCall(call),
      resources: [],
      ...(error === undefined ? {} : { errorCode: error.errorCode }),
    },
  };
}

/** Of other accounts' callers, an endpoint's owner learns no more than which. */
function identityFor(owner: string, identity: JsonObject): JsonObject {
  const { accountId, principalId } = identity;
  if (typeof accountId !== "string" || accountId === owner) return identity;
  return { type: "AWSAccount", ...(principalId === undefined ? {} : { principalId }), accountId };
}
