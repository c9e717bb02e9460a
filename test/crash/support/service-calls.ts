import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Expectations, isOutcomeUnknown, markOf, type Violation } from "./check-calls.ts";
import type { ReadRecord } from "./read-back.ts";

/** A call that CloudTrail made on its own behalf: it looks at a trail's bucket before it takes the trail. */
export interface ServiceCall {
  readonly eventName: string;
  /** Of the answer. */
  readonly requestId: string;
}

/** The user agent of its events. */
const SERVICE = "cloudtrail.amazonaws.com";
export const TRAIL_BUCKET = "bucket-of-trails";

const ACL = `<AccessControlPolicy><Owner><ID>owner</ID></Owner><AccessControlList/></AccessControlPolicy>`;

/** Plays the bucket. Undefined for requests that CloudTrail would not make. */
export function answerService(request: IncomingMessage, response: ServerResponse): ServiceCall | undefined {
  const { method, url = "" } = request;
  if (!url.startsWith(`/${TRAIL_BUCKET}/`) || !String(request.headers["user-agent"]).startsWith("aws-sdk-js/")) return undefined;
  const requestId = randomUUID();
  const end = (status: number, body: string): void => {
    request.once("end", () =>
      response.writeHead(status, { "content-type": "application/xml", "x-amz-request-id": requestId }).end(body),
    );
  };
  if (method === "GET" && url.includes("?acl")) {
    end(200, ACL);
    return { eventName: "GetBucketAcl", requestId };
  }
  if (method === "PUT" && url.includes("/AWSLogs/")) {
    end(200, "");
    return { eventName: "PutObject", requestId };
  }
  return undefined;
}

/** CloudTrail's own calls are held against their events as everybody's are. */
export function checkServiceCalls(
  calls: readonly ServiceCall[],
  records: readonly ReadRecord[],
  { dataEvents, outages, passed }: Expectations,
): Violation[] {
  const violations: Violation[] = [];
  const open = new Map(calls.map((call) => [call.requestId, call]));
  let unknown = 0;
  const isCall = ({ record }: ReadRecord): boolean => markOf(record) === SERVICE && record["eventType"] === "AwsApiCall";
  for (const { record } of records.filter(isCall)) {
    if (isOutcomeUnknown(record)) {
      unknown += 1;
      continue;
    }
    const id = String(record["requestID"]);
    if (open.get(id)?.eventName !== record["eventName"])
      violations.push({ promise: "no event without a call", what: `${SERVICE} ${id}`, records: [record] });
    open.delete(id);
  }
  const unseen = [...open.values()].filter(({ eventName }) => eventName === "PutObject").length;
  if (dataEvents && !outages && passed === undefined && unseen > unknown)
    violations.push({
      promise: "G2",
      what: `${unseen} changing calls of ${SERVICE} reached the backend without event, ${unknown} have an unknown outcome`,
    });
  return violations;
}
