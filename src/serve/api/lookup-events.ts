import { AwsError } from "../../aws/aws-error.ts";
import type { TreeObject } from "../../aws/tree.ts";
import { ATTRIBUTE_KEYS, type AttributeKey } from "../../readers/history/attribute.ts";
import {
  type HistoryEvent,
  InvalidPageToken,
  type LookupAttribute,
  type LookupQuery,
  type Page,
} from "../../readers/history/history.ts";
import type { ApiOperation, ApiRequest } from "./api-operation.ts";
import type { Input } from "./input.ts";

/** "LookupEvents" of the CloudTrail API Reference: two calls a second for an account and Region. */
export const LOOKUPS_PER_SECOND = 2;

const MAX_RESULTS = 50;
const MAX_VALUE_LENGTH = 2000;
const INSIGHT_KEYS: readonly AttributeKey[] = ["EventId", "EventName", "EventSource"];
/** 9999-12-31T23:59:59Z. */
const LATEST = 253_402_300_799;

export const lookupEvents: ApiOperation = {
  name: "LookupEvents",
  access: () => ({ resources: [] }),
  async handle(input, call) {
    if (call.lookupRate?.allows(`${call.accountId} ${call.region}`) === false) {
      throw new AwsError("ThrottlingException", "Rate exceeded");
    }
    const { events, nextToken } = await lookup(call, queryOf(input, call));
    return { Events: events.map(shown), ...(nextToken !== undefined && { NextToken: nextToken }) };
  },
};

async function lookup(call: ApiRequest, query: LookupQuery): Promise<Page> {
  try {
    return await call.history.lookup(query);
  } catch (error) {
    if (!(error instanceof InvalidPageToken)) throw error;
    throw new AwsError(
      "InvalidNextTokenException",
      "The token is not valid, or was returned for a request with other parameters. Repeat the request without NextToken.",
    );
  }
}

function queryOf(input: Input, { accountId, region }: ApiRequest): LookupQuery {
  const category = categoryOf(input);
  const attribute = attributeOf(input, category === "insight" ? INSIGHT_KEYS : ATTRIBUTE_KEYS);
  const token = input.text("NextToken");
  return {
    account: accountId,
    region,
    category,
    ...(attribute !== undefined && { attribute }),
    ...timesOf(input),
    limit: limitOf(input),
    ...(token !== undefined && { token }),
  };
}

function categoryOf(input: Input): LookupQuery["category"] {
  const category = input.text("EventCategory");
  if (category === undefined) return "management";
  if (category === "insight") return "insight";
  throw new AwsError("InvalidEventCategoryException", "Event category must be insight, or left out for management events.");
}

/** The list may have one element: AWS's model allows more, the service does not. */
function attributeOf(input: Input, keys: readonly AttributeKey[]): LookupAttribute | undefined {
  const [attribute, ...more] = input.structures("LookupAttributes") ?? [];
  if (attribute === undefined) return undefined;
  if (more.length > 0) throw invalidAttribute("You can specify only one lookup attribute.");
  const name = attribute.text("AttributeKey");
  const key = keys.find((known) => known === name);
  if (key === undefined) throw invalidAttribute(`Lookup attribute key must be one of ${keys.join(", ")}.`);
  const value = attribute.text("AttributeValue");
  if (value === undefined || value === "") throw invalidAttribute("Lookup attribute value cannot be blank.");
  if (weightOf(value) > MAX_VALUE_LENGTH) {
    throw invalidAttribute(
      `Lookup attribute value is longer than ${MAX_VALUE_LENGTH} characters; _ , space and newline count double.`,
    );
  }
  return { key, value };
}

/** "LookupAttribute" of the API Reference: these four characters count as two. */
function weightOf(value: string): number {
  return value.length + (value.match(/[_ ,\n]/g)?.length ?? 0);
}

function timesOf(input: Input): Pick<LookupQuery, "from" | "to"> {
  const [start, end] = [input.time("StartTime"), input.time("EndTime")];
  for (const time of [start, end]) {
    if (time !== undefined && !(time >= 0 && time <= LATEST)) {
      throw new AwsError("InvalidTimeRangeException", "A time is outside the range of possible values.");
    }
  }
  if (start !== undefined && end !== undefined && start > end) {
    throw new AwsError("InvalidTimeRangeException", "StartTime must not be after EndTime.");
  }
  // Event times are whole seconds: one of the second in which StartTime lies may have happened after it.
  return { ...(start !== undefined && { from: Math.floor(start) }), ...(end !== undefined && { to: end }) };
}

function limitOf(input: Input): number {
  const limit = input.whole("MaxResults") ?? MAX_RESULTS;
  if (limit >= 1 && limit <= MAX_RESULTS) return limit;
  throw new AwsError("InvalidMaxResultsException", `MaxResults must be between 1 and ${MAX_RESULTS}.`);
}

function invalidAttribute(message: string): AwsError {
  return new AwsError("InvalidLookupAttributesException", message);
}

function shown({ index, record }: HistoryEvent): TreeObject {
  return {
    EventId: index.eventId,
    EventName: index.name,
    // A string, unlike in the record.
    ReadOnly: String(index.readOnly),
    ...(index.accessKeyId !== undefined && { AccessKeyId: index.accessKeyId }),
    EventTime: new Date(index.time * 1000),
    EventSource: index.source,
    ...(index.username !== undefined && { Username: index.username }),
    Resources: index.resources.map(({ type, name }) => ({
      ...(type !== undefined && { ResourceType: type }),
      ResourceName: name,
    })),
    CloudTrailEvent: new TextDecoder().decode(record),
  };
}
