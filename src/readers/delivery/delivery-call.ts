import type { Trail } from "../../account/trails/trail.ts";
import type { EventIndex } from "../../event/built-event.ts";

/** A recorded call that delivery itself made. */
export interface DeliveryCall {
  readonly source: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

const PRINCIPAL = "cloudtrail.amazonaws.com";
const MARK = Buffer.from(`"${PRINCIPAL}"`);

/** Undefined for calls of others, whatever they wrote into their parameters. Cheap for nearly all of them. */
export function deliveryCall(index: EventIndex, record: Uint8Array): DeliveryCall | undefined {
  if (index.username !== undefined || !bufferOf(record).includes(MARK)) return undefined;
  try {
    const parsed: unknown = JSON.parse(bufferOf(record).toString());
    const { userIdentity, requestParameters } = objectOf(parsed);
    const { type, invokedBy } = objectOf(userIdentity);
    if (type !== "AWSService" || invokedBy !== PRINCIPAL) return undefined;
    return { source: index.source, parameters: objectOf(requestParameters) };
  } catch {
    return undefined;
  }
}

/** Whether the call went to one of the trail's destinations. */
export function isForTrail({ source, parameters }: DeliveryCall, trail: Trail): boolean {
  switch (source) {
    case "s3.amazonaws.com": {
      const { bucketName, key } = parameters;
      const folder = trail.s3KeyPrefix === undefined ? "AWSLogs/" : `${trail.s3KeyPrefix}/AWSLogs/`;
      return bucketName === trail.s3BucketName && (typeof key !== "string" || key.startsWith(folder));
    }
    case "sns.amazonaws.com":
      return trail.snsTopicArn !== undefined && parameters["topicArn"] === trail.snsTopicArn;
    case "logs.amazonaws.com":
      return (
        trail.cloudWatchLogsLogGroupArn !== undefined &&
        trail.cloudWatchLogsLogGroupArn.split(":")[6] === parameters["logGroupName"]
      );
    case "kms.amazonaws.com":
      return objectOf(parameters["encryptionContext"])["aws:cloudtrail:arn"] === trail.arn;
    default:
      return false;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
