import * as fc from "fast-check";
import { expect, it } from "vitest";
import { loadCatalogue } from "../aws/catalogue/catalogue.ts";
import type { Tree, TreeObject } from "../aws/tree.ts";
import type { ApiCall } from "./api-call.ts";
import { createEventBuilder } from "./build-event.ts";
import { alice } from "./golden.test-support.ts";
import { limits } from "./limits.ts";
import { memberOrder } from "./record.ts";

const catalogue = loadCatalogue();
const operations = catalogue.services.flatMap((service) => service.operationNames.map((name) => [service.id, name] as const));

const text = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: "grapheme", maxLength: 30 }) },
  { weight: 1, arbitrary: fc.nat(4000).map((length) => "\u0001é𝄞\udc00".repeat(length)) },
);
const { value } = fc.letrec<{ value: Tree }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    text,
    fc.boolean(),
    fc.double(),
    fc.bigInt(),
    fc.constant(null),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 4 }) as fc.Arbitrary<Tree>,
  ),
}));
const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json({ maxDepth: 4 }).map((json) => Buffer.from(json)),
  fc
    .constantFrom(
      "<a",
      '<R xmlns="x"><Item/><item><a>1</a></item></R>',
      `${"<a>".repeat(500)}${"</a>".repeat(500)}`,
      "A.1.2.3=4&A.1=5&A.member=6&%=%zz&Action=X",
      `{"a":"${"x".repeat(300_000)}"}`,
    )
    .map((source) => Buffer.from(source)),
);
const pairs = fc.array(fc.tuple(text, text), { maxLength: 5 });
const headers = fc
  .dictionary(fc.string({ maxLength: 20 }), text, { maxKeys: 5 })
  .map((entries) => new Map(Object.entries(entries)));

/** Calls of known and unknown operations whose every part came from somebody hostile. */
const call: fc.Arbitrary<ApiCall> = fc
  .record({
    target: fc.oneof(fc.constantFrom(...operations), fc.tuple(text, text)),
    input: fc.option(value, { nil: undefined }),
    output: fc.option(value, { nil: undefined }),
    strings: fc.tuple(text, text, text, text, text, text, text),
    query: pairs,
    requestHeaders: headers,
    answerHeaders: headers,
    requestBody: fc.option(body, { nil: undefined }),
    answerBody: fc.option(body, { nil: undefined }),
    error: fc.option(
      fc.record({ code: text, message: fc.option(text, { nil: undefined }), status: fc.constantFrom(400, 403, 500) }),
      {
        nil: undefined,
      },
    ),
    answered: fc.boolean(),
    time: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  })
  .map((parts) => {
    const [serviceId, operationName] = parts.target;
    const [requestId, region, sourceIp, userAgent, host, bucket, key] = parts.strings;
    const service = catalogue.service(serviceId);
    return {
      eventId: "eeeeeeee-0000-4000-8000-000000000001",
      requestId,
      startedAt: parts.time,
      completedAt: parts.time + 1,
      operation: service?.operation(operationName),
      serviceId,
      signingName: service?.signingName ?? serviceId,
      operationName,
      region,
      accountId: "123456789012",
      caller: alice,
      sourceIp,
      userAgent,
      signature: { version: "SigV4", method: "header" },
      tls: { version: "TLSv1.3", cipherSuite: userAgent },
      request: {
        method: "POST",
        path: `/${encodeURIComponent(key.toWellFormed())}`,
        query: parts.query,
        headers: parts.requestHeaders,
        host,
        ...(serviceId === "s3" ? { s3: { bucket, key } } : {}),
        body: parts.requestBody,
        bodyTruncated: false,
        bodyBytes: parts.requestBody?.byteLength ?? 0,
      },
      response: parts.answered
        ? {
            status: parts.error?.status ?? 200,
            headers: parts.answerHeaders,
            body: parts.answerBody,
            bodyTruncated: false,
            bodyBytes: parts.answerBody?.byteLength ?? 0,
            startedAt: parts.time,
          }
        : undefined,
      input: parts.input as TreeObject | undefined,
      output: parts.output as TreeObject | undefined,
      error: parts.error,
    } satisfies ApiCall;
  });

it("every call leaves a record that parses, is in order and within every limit", () => {
  const builder = createEventBuilder({ newId: () => "ffffffff-0000-4000-8000-000000000001" });
  fc.assert(
    fc.property(call, (received) => {
      const events = builder.build(received);
      expect(events.length).toBeGreaterThan(0);
      for (const { record, index } of events) {
        expect(record.byteLength).toBeLessThanOrEqual(limits.record);
        const members = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(record)) as Record<string, unknown>;
        const names = Object.keys(members);
        expect(names).toEqual(memberOrder.filter((name) => names.includes(name)));
        expect(members).toHaveProperty("requestParameters");
        expect(members).toHaveProperty("responseElements");
        for (const member of [members["requestParameters"], members["responseElements"]]) {
          expect(Buffer.byteLength(JSON.stringify(member))).toBeLessThanOrEqual(limits.parameters);
          expect(typeof member === "object" && !Array.isArray(member)).toBe(true);
        }
        for (const member of Object.values(members)) {
          if (typeof member === "string") expect(Buffer.byteLength(member)).toBeLessThanOrEqual(limits.string);
        }
        expect(members["eventID"]).toBe(index.eventId);
        expect(members["eventName"]).toBe(index.name);
        expect(members["eventCategory"]).toBe(index.category);
        expect(members["managementEvent"]).toBe(index.category === "Management");
      }
    }),
    { numRuns: 1000 },
  );
});
