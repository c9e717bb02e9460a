import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../aws/tree.ts";
import { encodeRecord } from "../encode.ts";
import type { CloudTrailRecord } from "../record.ts";
import { scanResources } from "./scan-resources.ts";
import { viewOfRecord } from "./view-of-record.ts";

const key = fc.oneof(fc.constantFrom("resources", "eventType", "readOnly", "ARN", "type"), fc.string({ maxLength: 4 }));
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(',"resources":[', ',"eventType":"', '],"eventType":"AwsApiCall"', '\\"', "AWS::S3::Object"),
);
const { object } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, text, fc.boolean(), fc.array(tie("value"), { maxLength: 3 }), tie("object")),
  object: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));
const anyObject = object as fc.Arbitrary<JsonObject>;
const texts = fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;
const optional = <Value>(some: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(some, { nil: undefined });

/** Whatever callers can put into a record, with resources and without. */
const record: fc.Arbitrary<CloudTrailRecord> = fc.record({
  eventVersion: fc.constant("1.11"),
  userIdentity: optional(anyObject),
  eventTime: fc.constant("2026-03-02T09:05:01Z"),
  eventSource: fc.constant("s3.amazonaws.com"),
  eventName: text,
  awsRegion: fc.constant("us-east-1"),
  userAgent: optional(text),
  requestParameters: fc.option(anyObject),
  responseElements: fc.option(anyObject),
  additionalEventData: optional(anyObject),
  eventID: fc.constant("eeeeeeee-0000-4000-8000-000000000002"),
  readOnly: fc.boolean(),
  resources: optional(
    fc.array(
      fc
        .record({ accountId: text, type: text, ARN: text, ARNPrefix: text }, { requiredKeys: [] })
        .map((resource): Readonly<Record<string, string>> => resource),
      { minLength: 1, maxLength: 3 },
    ),
  ),
  eventType: fc.constantFrom("AwsApiCall", "AwsServiceEvent"),
  apiVersion: optional(text),
  managementEvent: fc.boolean(),
  recipientAccountId: fc.constant("111122223333"),
  sharedEventID: optional(text),
  eventCategory: fc.constant("Data"),
  tlsDetails: optional(texts),
  eventContext: optional(fc.record({ tagContext: fc.record({ principalTags: texts }) })),
});

test("what is found without parsing the record is what parsing it finds", () => {
  let found = 0;
  fc.assert(
    fc.property(record, (given) => {
      const bytes = encodeRecord(given);
      const scanned = scanResources(bytes);
      if (scanned === undefined) return;
      found += 1;
      expect(scanned).toEqual(viewOfRecord(JSON.parse(Buffer.from(bytes).toString("utf8"))).resources);
    }),
    { numRuns: 3000 },
  );
  expect(found).toBeGreaterThan(500);
});

test("bytes of any kind are survived", () => {
  fc.assert(
    fc.property(fc.array(text), (parts) => {
      const resources = scanResources(Buffer.from(parts.join("")));
      expect(resources === undefined || Array.isArray(resources)).toBe(true);
    }),
  );
});
