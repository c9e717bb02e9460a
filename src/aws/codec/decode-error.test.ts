import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Protocol } from "../protocol.ts";
import { encodeCborTexts } from "../cbor/encode-cbor-texts.ts";
import { decodeError } from "./decode-error.ts";
import type { WireAnswer } from "./wire-message.ts";

function answer(status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return { status, headers: new Map(Object.entries(headers)), body: bytes };
}

describe("decodeError", () => {
  it.each<[Protocol, string, string, string | undefined]>([
    ["awsJson1_1", '{"__type":"TrailNotFoundException","message":"m"}', "TrailNotFoundException", "m"],
    ["awsJson1_0", '{"__type":"com.amazonaws.dynamodb.v20120810#ValidationException","Message":"m"}', "ValidationException", "m"],
    ["restJson1", '{"code":"aws.api#Gone:http://internal.amazon.com/x/","errorMessage":"m"}', "Gone", "m"],
    ["restJson1", '{"Error":{"Code":"Inner","Message":"m"}}', "Inner", "m"],
    [
      "awsQuery",
      "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>m</Message></Error></ErrorResponse>",
      "NoSuchEntity",
      "m",
    ],
    [
      "ec2Query",
      "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>m</Message></Error></Errors></Response>",
      "InvalidVpcID.NotFound",
      "m",
    ],
    ["restXml", "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>m</Message><Key>k</Key></Error>", "NoSuchKey", "m"],
    [
      "restXml",
      '<InvalidChangeBatch xmlns="x"><Messages><Message>m</Message></Messages></InvalidChangeBatch>',
      "InvalidChangeBatch",
      "m",
    ],
    // An emulator or proxy may speak another protocol than was asked.
    ["awsJson1_1", "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", "Throttling", undefined],
    ["restXml", '{"__type":"AccessDeniedException","message":"m"}', "AccessDeniedException", "m"],
  ])("reads %s %s", (protocol, body, code, message) => {
    expect(decodeError(protocol, answer(400, body))).toEqual({ code, message });
  });

  it("names a failure that says nothing as the service would", () => {
    const page = "<!doctype html><title>500 Internal Server Error</title>";
    for (const protocol of ["restXml", "ec2Query"] as const)
      expect(decodeError(protocol, answer(500, page))?.code).toBe("InternalError");
    for (const protocol of ["awsQuery", "awsJson1_1", "restJson1", "rpcv2Cbor"] as const)
      expect(decodeError(protocol, answer(500, page))?.code).toBe("InternalFailure");
  });

  it("reads CBOR", () => {
    const body = encodeCborTexts([
      ["__type", "com.amazonaws.cloudwatch#ResourceNotFound"],
      ["message", "m"],
    ]);
    expect(decodeError("rpcv2Cbor", answer(404, body))).toEqual({ code: "ResourceNotFound", message: "m" });
  });

  it("believes the header before the body", () => {
    const headers = { "x-amzn-errortype": "ResourceNotFoundException:http://internal.amazon.com/coral/" };
    expect(decodeError("restJson1", answer(404, '{"message":"m","code":"other"}', headers))).toEqual({
      code: "ResourceNotFoundException",
      message: "m",
    });
  });

  it.each([
    [301, "PermanentRedirect"],
    [400, "BadRequest"],
    [403, "AccessDenied"],
    [404, "NotFound"],
    [405, "MethodNotAllowed"],
    [412, "PreconditionFailed"],
    [416, "InvalidRange"],
    [500, "InternalError"],
    [503, "ServiceUnavailable"],
    [418, "UnknownError"],
  ])("names a %d without body %s", (status, code) => {
    for (const body of ["", "<html><body>oops", "{", "plain"]) {
      expect(decodeError("restXml", answer(status, body))).toEqual({ code, message: undefined });
    }
  });

  it("knows S3's errors with status 200, and no others", () => {
    const body = "<Error><Code>InternalError</Code><Message>m</Message></Error>";
    expect(decodeError("restXml", answer(200, body))).toEqual({ code: "InternalError", message: "m" });
    expect(decodeError("awsQuery", answer(200, body))).toBeUndefined();
    expect(decodeError("restXml", answer(200, "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>"))).toBeUndefined();
    expect(
      decodeError("restXml", answer(200, "<DeleteResult><Error><Code>AccessDenied</Code></Error></DeleteResult>")),
    ).toBeUndefined();
    expect(decodeError("awsJson1_1", answer(200, '{"__type":"a"}'))).toBeUndefined();
    expect(decodeError("restXml", answer(304, ""))).toBeUndefined();
    expect(decodeError("restXml", answer(204, ""))).toBeUndefined();
  });

  it("always finds a code, whatever the bytes", () => {
    const protocols: Protocol[] = ["awsJson1_1", "awsQuery", "ec2Query", "restJson1", "restXml", "rpcv2Cbor"];
    fc.assert(
      fc.property(
        fc.constantFrom(...protocols),
        fc.integer({ min: 400, max: 599 }),
        fc.uint8Array({ maxLength: 64 }),
        (protocol, status, body) => {
          expect(decodeError(protocol, answer(status, body))?.code).toMatch(/./);
        },
      ),
    );
  });
});
