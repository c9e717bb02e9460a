import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeRecord } from "./encode.ts";
import { limits } from "./limits.ts";
import { type CloudTrailRecord, memberOrder } from "./record.ts";

const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 3000, size: "max" }) },
  { weight: 1, arbitrary: fc.nat(5000).map((length) => "\u0001é€𝄞\ud800".repeat(length)) },
);
const object = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<never>) },
  { weight: 1, arbitrary: fc.record({ big: fc.nat(120_000).map((length) => "\u0007".repeat(length / 3)), small: text }) },
  { weight: 1, arbitrary: fc.nat(120).map((length) => ({ just: "x".repeat(length * 1000) })) },
);
const resources = fc.array(fc.record({ accountId: text, type: text, ARN: text }), { maxLength: 30 });

/** Any members in any order of insertion, hostile sizes among them. */
const record: fc.Arbitrary<CloudTrailRecord> = fc
  .record(
    {
      eventVersion: fc.constant("1.11"),
      userIdentity: object,
      eventTime: fc.constant("2026-03-02T09:05:01Z"),
      eventSource: text,
      eventName: text,
      awsRegion: text,
      sourceIPAddress: text,
      userAgent: text,
      errorCode: text,
      errorMessage: text,
      requestParameters: fc.option(object),
      responseElements: fc.option(object),
      additionalEventData: object,
      requestID: text,
      eventID: text,
      readOnly: fc.boolean(),
      resources,
      eventType: fc.constant("AwsApiCall"),
      apiVersion: text,
      managementEvent: fc.boolean(),
      recipientAccountId: text,
      sharedEventID: text,
      serviceEventDetails: object,
      addendum: object,
      edgeDeviceDetails: object,
      eventCategory: fc.constant("Management"),
      tlsDetails: object,
      sessionCredentialFromConsole: fc.constant("true" as const),
      eventContext: object,
    },
    { requiredKeys: ["eventVersion", "eventTime", "awsRegion", "eventID", "eventType", "recipientAccountId", "eventCategory"] },
  )
  .chain((members) =>
    fc
      .shuffledSubarray(Object.entries(members), { minLength: Object.keys(members).length })
      .map((entries) => Object.fromEntries(entries)),
  ) as fc.Arbitrary<unknown> as fc.Arbitrary<CloudTrailRecord>;

const decode = (bytes: Uint8Array) =>
  JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Record<string, unknown>;
const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("encodeRecord", () => {
  it("writes the members in AWS's order, whatever order they came in", () => {
    fc.assert(
      fc.property(record, (value) => {
        const names = Object.keys(decode(encodeRecord(value)));
        const places = names.map((name) => (memberOrder as readonly string[]).indexOf(name));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(places).not.toContain(-1);
      }),
    );
  });

  it("never exceeds a limit, and always parses", () => {
    fc.assert(
      fc.property(record, fc.boolean(), (value, omittedMarker) => {
        const bytes = encodeRecord(value, { omittedMarker });
        expect(bytes.byteLength).toBeLessThanOrEqual(limits.record);
        for (const [name, member] of Object.entries(decode(bytes))) {
          if (typeof member === "string") expect(Buffer.byteLength(member)).toBeLessThanOrEqual(limits.string);
          else if (name === "requestParameters" || name === "responseElements")
            expect(size(member)).toBeLessThanOrEqual(limits.parameters);
          else if (name === "additionalEventData") expect(size(member)).toBeLessThanOrEqual(limits.additionalEventData);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("gives back what was small enough", () => {
    const small = fc.record({
      userIdentity: fc.dictionary(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 })),
      errorMessage: fc.string({ maxLength: 100, unit: "grapheme" }),
      requestParameters: fc.option(fc.dictionary(fc.string({ maxLength: 20 }), fc.jsonValue({ maxDepth: 2 }))),
      readOnly: fc.boolean(),
    });
    fc.assert(
      fc.property(small, (members) => {
        const value = {
          eventVersion: "1.11",
          eventTime: "2026-03-02T09:05:01Z",
          awsRegion: "us-east-1",
          eventID: "id",
          eventType: "AwsApiCall",
          recipientAccountId: "1",
          eventCategory: "Management",
          ...members,
        } as CloudTrailRecord;
        expect(decode(encodeRecord(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  const base: CloudTrailRecord = {
    eventVersion: "1.11",
    eventTime: "2026-03-02T09:05:01Z",
    awsRegion: "us-east-1",
    eventID: "id",
    eventType: "AwsApiCall",
    recipientAccountId: "1",
    eventCategory: "Management",
  };

  it("leaves absent members out and writes null where AWS does", () => {
    const bytes = encodeRecord({ ...base, requestParameters: null, responseElements: null });
    expect(new TextDecoder().decode(bytes)).toBe(
      '{"eventVersion":"1.11","eventTime":"2026-03-02T09:05:01Z","awsRegion":"us-east-1","requestParameters":null,' +
        '"responseElements":null,"eventID":"id","eventType":"AwsApiCall","recipientAccountId":"1","eventCategory":"Management"}',
    );
  });

  it("replaces what is too large by null, or by a marker that says so", () => {
    const large = { ...base, requestParameters: { a: "x".repeat(limits.parameters) } };
    expect(decode(encodeRecord(large))["requestParameters"]).toBeNull();
    expect(decode(encodeRecord(large, { omittedMarker: true }))["requestParameters"]).toMatchObject({
      omitted: true,
      originalSize: limits.parameters + 8,
    });
    const fits = { ...base, requestParameters: { a: "x".repeat(limits.parameters - 8) } };
    expect(decode(encodeRecord(fits))["requestParameters"]).not.toBeNull();
  });

  it("cuts a record that is too large as a whole in AWS's order", () => {
    const almost = { a: "x".repeat(limits.parameters - 10) };
    const bytes = encodeRecord({
      ...base,
      requestID: "r",
      userAgent: "agent",
      serviceEventDetails: almost,
      responseElements: almost,
      requestParameters: almost,
      additionalEventData: { note: 1 },
    });
    const members = decode(bytes);
    expect(Object.keys(members)).not.toEqual(expect.arrayContaining(["requestID"]));
    expect(members).not.toHaveProperty("additionalEventData");
    expect(members).not.toHaveProperty("serviceEventDetails");
    expect(members).toHaveProperty("userAgent");
    expect(members["requestParameters"]).toEqual(almost);
    expect(members["responseElements"]).toEqual(almost);
  });

  it("cuts strings between characters", () => {
    const message = decode(encodeRecord({ ...base, errorMessage: "€".repeat(1000) }))["errorMessage"];
    expect(message).toBe("€".repeat(341));
  });
});
