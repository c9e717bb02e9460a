import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AwsError } from "../aws-error.ts";
import { loadCatalogue } from "../catalogue/catalogue.ts";
import type { Protocol } from "../protocol.ts";
import { decodeError } from "./decode-error.ts";
import { type EncodedAnswer, encodeError } from "./encode-error.ts";
import { sdkSend } from "./sdk-clients.contract.ts";
import { CapturingHandler } from "./sdk-wire.contract.ts";

const catalogue = loadCatalogue();
const protocols: readonly Protocol[] = ["awsJson1_0", "awsJson1_1", "awsQuery", "ec2Query", "restJson1", "restXml", "rpcv2Cbor"];

function headersOf({ headers }: EncodedAnswer): Map<string, string> {
  const map = new Map<string, string>();
  for (let at = 0; at < headers.length; at += 2) map.set((headers[at] ?? "").toLowerCase(), headers[at + 1] ?? "");
  return map;
}

function textOf({ body }: EncodedAnswer): string {
  return new TextDecoder().decode(body);
}

describe("encodeError", () => {
  it("is undone by decodeError in every protocol", () => {
    const message = fc
      .string({ unit: "grapheme", minLength: 1 })
      .map((text) => text.toWellFormed().replace(/\p{Cc}|[\uFFFE\uFFFF]/gu, " "));
    fc.assert(
      fc.property(
        fc.constantFrom(...protocols),
        message,
        fc.boolean(),
        fc.integer({ min: 400, max: 503 }),
        (protocol, text, isS3, status) => {
          const error = new AwsError("SomeException", text, status);
          const encoded = encodeError(protocol, error, { requestId: "r-1", service: undefined, isS3, resource: "/b/k" });
          expect(encoded.status).toBe(status);
          expect(headersOf(encoded).get("content-length")).toBe(String(encoded.body.length));
          const found = decodeError(protocol, { status, headers: headersOf(encoded), body: encoded.body });
          expect(found).toEqual({ code: "SomeException", message: text });
        },
      ),
    );
  });

  it("writes a query error with type and namespace", () => {
    const service = catalogue.service("iam");
    const encoded = encodeError("awsQuery", new AwsError("NoSuchEntity", "no <such> thing", 404), { requestId: "r-1", service });
    expect(textOf(encoded)).toBe(
      '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>' +
        "<Message>no &lt;such&gt; thing</Message></Error><RequestId>r-1</RequestId></ErrorResponse>",
    );
    expect(textOf(encodeError("awsQuery", new AwsError("InternalFailure", "m", 500), { requestId: "r", service }))).toContain(
      "<Type>Receiver</Type>",
    );
  });

  it("writes EC2's and S3's own forms", () => {
    const error = new AwsError("AccessDenied", "Access Denied", 403);
    expect(textOf(encodeError("ec2Query", error, { requestId: "r-1", service: undefined }))).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>AccessDenied</Code><Message>Access Denied</Message>' +
        "</Error></Errors><RequestID>r-1</RequestID></Response>",
    );
    const s3 = encodeError("restXml", error, { requestId: "R1", service: catalogue.service("s3"), resource: "/b/k&" });
    expect(textOf(s3)).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><Code>AccessDenied<\/Code><Message>Access Denied<\/Message><Resource>\/b\/k&amp;<\/Resource><RequestId>R1<\/RequestId><HostId>[A-Za-z0-9+/]{75}=<\/HostId><\/Error>$/,
    );
    expect(headersOf(s3).get("x-amz-request-id")).toBe("R1");
    expect(headersOf(s3).get("x-amz-id-2")).toHaveLength(76);
  });

  it("sends no body in answer to HEAD", () => {
    const encoded = encodeError("restXml", new AwsError("NoSuchKey", "m", 404), {
      requestId: "R1",
      service: catalogue.service("s3"),
      head: true,
    });
    expect(encoded.body).toHaveLength(0);
    expect(headersOf(encoded).has("content-length")).toBe(false);
  });

  it("lets nothing into a header that could end it", () => {
    const encoded = encodeError("restJson1", new AwsError("A\r\nB: c", "m"), { requestId: "x\ny", service: undefined });
    expect(encoded.headers.join("")).not.toMatch(/[\r\n]/);
  });

  it.each([
    ["cloudtrail", "GetTrail", "TrailNotFoundException", "TrailNotFoundException"],
    ["iam", "GetUser", "NoSuchEntity", "NoSuchEntityException"],
    ["sqs", "GetQueueUrl", "QueueDoesNotExist", "QueueDoesNotExist"],
    ["sns", "GetTopicAttributes", "NotFound", "NotFoundException"],
    ["dynamodb", "GetItem", "ResourceNotFoundException", "ResourceNotFoundException"],
    ["s3", "GetBucketTagging", "NoSuchBucket", "NoSuchBucket"],
  ])("makes the SDK of %s raise the exception", async (id, name, code, exception) => {
    const service = catalogue.service(id);
    const operation = service?.operation(name);
    const protocol = service?.protocols[0];
    if (operation === undefined || protocol === undefined) throw new Error(`no ${id} ${name}`);
    const encoded = encodeError(protocol, new AwsError(code, "what happened", 404), { requestId: "r-1", service });
    const handler = new CapturingHandler();
    const answer = { status: encoded.status, headers: headersOf(encoded), body: encoded.body };
    const input = { Name: "t", QueueName: "q", TopicArn: "a", TableName: "t", Key: {}, Bucket: "b" };
    const thrown: unknown = await handler
      .answer(answer, () => sdkSend(operation, handler, input))
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      name: exception,
      message: "what happened",
      $metadata: { httpStatusCode: 404, requestId: "r-1" },
    });
  });
});
