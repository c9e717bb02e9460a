import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../catalogue/catalogue.ts";
import { decodeResponse } from "./decode-response.ts";
import { encodeJsonResponse } from "./encode-response.ts";
import { sdkSend } from "./sdk-clients.contract.ts";
import { CapturingHandler } from "./sdk-wire.contract.ts";
import { differenceOf, ShapeValues } from "./shape-value.contract.ts";

const catalogue = loadCatalogue();

function operationsOf(id: string) {
  const service = catalogue.service(id);
  return (service?.operationNames ?? []).flatMap((name) => service?.operation(name) ?? []);
}

describe("encodeJsonResponse", () => {
  it("is undone by decodeResponse and by the SDK, for every operation of CloudTrail", async () => {
    const handler = new CapturingHandler();
    const operations = operationsOf("cloudtrail").filter(({ output }) => output !== undefined);
    expect(operations.length).toBeGreaterThan(40);
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom("maximal", "random"), async (seed, fullness) => {
        for (const operation of operations) {
          const shape = operation.output!;
          const output = new ShapeValues(fullness, seed).structure(shape);
          const { status, headers, body } = encodeJsonResponse(operation, "awsJson1_1", output, "r-1");
          const answer = { status, headers: new Map([["content-type", headers[3] ?? ""]]), body };
          expect(differenceOf(shape, output, decodeResponse(operation, "awsJson1_1", answer))).toBeUndefined();
          const { $metadata: _metadata, ...seen } = (await handler.answer(answer, () =>
            sdkSend(operation, handler, {}),
          )) as Record<string, never>;
          // The SDK keeps the order of the wire, which is the model's.
          expect(differenceOf(shape, output, seen)).toBeUndefined();
        }
      }),
      { numRuns: 5 },
    );
  });

  it("writes CloudTrail Data as REST JSON", () => {
    const [operation] = operationsOf("cloudtrail-data");
    if (operation === undefined) throw new Error("no cloudtrail-data");
    const output = { successful: [{ id: "1", eventID: "2" }], failed: [] };
    const encoded = encodeJsonResponse(operation, "restJson1", output, "r-1");
    expect(JSON.parse(new TextDecoder().decode(encoded.body))).toEqual(output);
    expect(encoded.headers).toEqual([
      "x-amzn-RequestId",
      "r-1",
      "Content-Type",
      "application/json",
      "Content-Length",
      String(encoded.body.length),
    ]);
  });

  it("writes times as seconds, bytes as base64, and leaves unknown members out", () => {
    const text = (service: string, name: string, output: object): string => {
      const operation = catalogue.service(service)?.operation(name);
      if (operation === undefined) throw new Error(`no ${name}`);
      return new TextDecoder().decode(encodeJsonResponse(operation, "awsJson1_1", output as never, "r").body);
    };
    const keys = {
      Nonsense: 1,
      PublicKeyList: [{ ValidityStartTime: new Date(1_700_000_000_500), Value: Uint8Array.of(1, 2, 3), Fingerprint: "f" }],
      NextToken: null,
    };
    expect(text("cloudtrail", "ListPublicKeys", keys)).toBe(
      '{"PublicKeyList":[{"Value":"AQID","ValidityStartTime":1700000000.5,"Fingerprint":"f"}]}',
    );
    expect(text("cloudtrail", "StartLogging", {})).toBe("{}");
    expect(text("cloudwatch-logs", "GetLogEvents", { events: [{ timestamp: 9_007_199_254_740_993n }] })).toBe(
      '{"events":[{"timestamp":9007199254740993}]}',
    );
  });
});
