import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { LaneEvent } from "./lane-event.ts";

/** By the record's `eventType`. "Sign In" is two words, as in the rules that are in use. Source: "Amazon EventBridge events from CloudTrail". */
const DETAIL_TYPES: ReadonlyMap<unknown, string> = new Map([
  ["AwsApiCall", "AWS API Call via CloudTrail"],
  ["AwsServiceEvent", "AWS Service Event via CloudTrail"],
  ["AwsConsoleSignIn", "AWS Console Sign In via CloudTrail"],
  ["AwsConsoleAction", "AWS Console Action via CloudTrail"],
  ["AwsCloudTrailInsight", "AWS Insight via CloudTrail"],
  ["AwsVpceEvent", "AWS Network Activity Event via CloudTrail"],
]);

const decoder = new TextDecoder();

/**
 * What EventBridge is told of an event: `detail` is the record, `time` its `eventTime`, `resources` empty although the record
 * names some. Undefined for a record that is none.
 */
export function busEntry({ record, index }: LaneEvent): PutEventsRequestEntry | undefined {
  const text = decoder.decode(record);
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof fields !== "object" || fields === null) return undefined;
  const { eventType, eventContext, ...rest } = fields as Record<string, unknown>;
  return {
    Source: busSource(index.source),
    DetailType: DETAIL_TYPES.get(eventType) ?? "AWS API Call via CloudTrail",
    Time: new Date(index.time * 1000),
    Resources: [],
    // EventBridge never gets the event's context. Source: "Enriching events", CloudTrail User Guide.
    Detail: eventContext === undefined ? text : JSON.stringify({ ...rest, eventType }),
  };
}

/** `aws.s3` of `s3.amazonaws.com` */
function busSource(eventSource: string): string {
  return `aws.${eventSource.replace(/\.amazonaws\.com$/, "")}`;
}

/** What an entry counts: 14 octets for its time, and those of its texts; no more than this. Source: "PutEvents event entry size". */
export function busEntrySize({ record, index }: LaneEvent): number {
  return 14 + Buffer.byteLength(busSource(index.source)) + LONGEST_DETAIL_TYPE + record.length;
}

const LONGEST_DETAIL_TYPE = Math.max(...[...DETAIL_TYPES.values()].map((text) => text.length));
