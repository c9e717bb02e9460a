import type { JsonObject } from "../aws/tree.ts";
import type { RecordResource } from "./service-rules.ts";

/**
 * One CloudTrail record before it is encoded. Absent members are absent (`undefined`), never null, but for
 * `requestParameters` and `responseElements` of API calls, which AWS always writes. Source: "CloudTrail record contents for
 * management, data, and network activity events".
 */
export interface CloudTrailRecord {
  /** `1.11` */
  readonly eventVersion: string;
  readonly userIdentity?: JsonObject | undefined;
  /** `2026-03-02T09:05:01Z` */
  readonly eventTime: string;
  readonly eventSource?: string | undefined;
  readonly eventName?: string | undefined;
  readonly awsRegion: string;
  readonly sourceIPAddress?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
  readonly requestParameters?: JsonObject | null | undefined;
  readonly responseElements?: JsonObject | null | undefined;
  readonly additionalEventData?: JsonObject | undefined;
  readonly requestID?: string | undefined;
  readonly eventID: string;
  readonly readOnly?: boolean | undefined;
  readonly resources?: readonly RecordResource[] | undefined;
  readonly eventType: string;
  readonly apiVersion?: string | undefined;
  readonly managementEvent?: boolean | undefined;
  readonly recipientAccountId: string;
  readonly sharedEventID?: string | undefined;
  readonly vpcEndpointId?: string | undefined;
  readonly vpcEndpointAccountId?: string | undefined;
  readonly serviceEventDetails?: JsonObject | undefined;
  readonly addendum?: JsonObject | undefined;
  readonly edgeDeviceDetails?: JsonObject | undefined;
  readonly insightDetails?: JsonObject | undefined;
  readonly eventCategory: string;
  readonly tlsDetails?: JsonObject | undefined;
  readonly sessionCredentialFromConsole?: "true" | undefined;
  readonly eventContext?: JsonObject | undefined;
}

export type RecordMember = keyof CloudTrailRecord;

/** The order in which AWS writes the members: a total one, read off real records. */
export const memberOrder: readonly RecordMember[] = [
  "eventVersion",
  "userIdentity",
  "eventTime",
  "eventSource",
  "eventName",
  "awsRegion",
  "sourceIPAddress",
  "userAgent",
  "errorCode",
  "errorMessage",
  "requestParameters",
  "responseElements",
  "additionalEventData",
  "requestID",
  "eventID",
  "readOnly",
  "resources",
  "eventType",
  "apiVersion",
  "managementEvent",
  "recipientAccountId",
  "sharedEventID",
  "vpcEndpointId",
  "vpcEndpointAccountId",
  "serviceEventDetails",
  "addendum",
  "edgeDeviceDetails",
  "insightDetails",
  "eventCategory",
  "tlsDetails",
  "sessionCredentialFromConsole",
  "eventContext",
];
