import type { ListSchema, ServiceModel, StructureSchema } from "./service-model.ts";

const namespace = "com.amazonaws.cloudtraildata";
const string = 0;

const auditEvent: StructureSchema = [
  3,
  namespace,
  "AuditEvent",
  0,
  ["id", "eventData", "eventDataChecksum"],
  [string, string, string],
];
const auditEvents: ListSchema = [1, namespace, "AuditEvents", 0, auditEvent];
const resultEntry: StructureSchema = [3, namespace, "AuditEventResultEntry", 0, ["id", "eventID"], [string, string]];
const resultEntries: ListSchema = [1, namespace, "AuditEventResultEntries", 0, resultEntry];
const errorEntry: StructureSchema = [
  3,
  namespace,
  "ResultErrorEntry",
  0,
  ["id", "errorCode", "errorMessage"],
  [string, string, string],
];
const errorEntries: ListSchema = [1, namespace, "ResultErrorEntries", 0, errorEntry];
const request: StructureSchema = [
  3,
  namespace,
  "PutAuditEventsRequest",
  0,
  ["auditEvents", "channelArn", "externalId"],
  [auditEvents, [string, { httpQuery: "channelArn" }], [string, { httpQuery: "externalId" }]],
];
const response: StructureSchema = [
  3,
  namespace,
  "PutAuditEventsResponse",
  0,
  ["successful", "failed"],
  [resultEntries, errorEntries],
];

/**
 * The CloudTrail Data Service has no client of its own in the JavaScript SDK.
 *
 * Source: "PutAuditEvents" in the AWS CloudTrail Data Service API Reference; botocore's model `cloudtrail-data`, 2021-08-11.
 */
export const cloudtrailData: ServiceModel = {
  sdkId: "CloudTrail Data",
  signingName: "cloudtrail-data",
  endpointPrefix: "cloudtrail-data",
  version: "2021-08-11",
  protocol: "restJson1",
  shapeName: "CloudTrailDataService",
  xmlNamespace: undefined,
  operations: [[9, namespace, "PutAuditEvents", { http: ["POST", "/PutAuditEvents", 200] }, request, response]],
  errors: [],
};
