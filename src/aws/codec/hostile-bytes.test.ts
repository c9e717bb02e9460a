import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../catalogue/catalogue.ts";
import type { Operation } from "../catalogue/model.ts";
import { parseCbor } from "../cbor/parse-cbor.ts";
import type { Protocol } from "../protocol.ts";
import { parseForm } from "../query/form.ts";
import { formToOrgJson } from "../query/form-to-org-json.ts";
import { xmlToOrgJson } from "../xml/org-json.ts";
import { parseXml } from "../xml/parse-xml.ts";
import { decodeError } from "./decode-error.ts";
import { cpuTime } from "./cpu-time.contract.ts";
import { DecodeError } from "./decode-failure.ts";
import { decodeRequest } from "./decode-request.ts";
import { decodeResponse } from "./decode-response.ts";
import { sdkSend } from "./sdk-clients.contract.ts";
import { CapturingHandler, toWireMessage } from "./sdk-wire.contract.ts";
import { ShapeValues } from "./shape-value.contract.ts";

const catalogue = loadCatalogue();
const protocols: readonly Protocol[] = ["awsJson1_0", "awsQuery", "ec2Query", "restJson1", "restXml", "rpcv2Cbor"];
const operations = ["s3", "dynamodb", "iam", "ec2", "lambda", "route-53", "cloudwatch", "sqs"].flatMap((id) => {
  const service = catalogue.service(id);
  return (service?.operationNames ?? []).flatMap((name) => service?.operation(name) ?? []);
});

const anyOperation = fc.constantFrom(...operations);
const anyProtocol = fc.constantFrom(...protocols);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
  fc
    .array(
      fc.constantFrom(
        "<a>",
        "</a>",
        "<a/>",
        "<",
        ">",
        "&",
        "&amp;",
        "&#x",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "a='1'",
        "<Error>",
        "member",
        "x",
      ),
      {
        maxLength: 30,
      },
    )
    .map((parts) => new TextEncoder().encode(parts.join(""))),
  fc
    .array(
      fc.constantFrom("a", ".", "1", "=", "&", "%", "%41", "+", "member", "__proto__", "entry", "key", "999999999999999999"),
      { maxLength: 30 },
    )
    .map((parts) => new TextEncoder().encode(parts.join(""))),
  // CBOR: heads that announce much.
  fc
    .array(fc.constantFrom(0x9f, 0xbf, 0x5f, 0x7f, 0xff, 0x9b, 0xbb, 0xc1, 0xc2, 0xfb, 0x61, 0x00), { maxLength: 40 })
    .map((parts) => Uint8Array.from(parts)),
);
const headers = fc.dictionary(
  fc.constantFrom(
    "content-encoding",
    "x-amz-meta-",
    "x-amz-meta-__proto__",
    "__proto__",
    "x-amzn-errortype",
    "last-modified",
    "x-amz-object-attributes",
  ),
  fc.oneof(fc.string(), fc.constantFrom("gzip", '"', '"a\\', ",,,", "Mon, ,")),
);
const path = fc
  .array(fc.constantFrom("/", "a", "%", "%2F", "%zz", "%ff", "..", "{", "}"), { maxLength: 12 })
  .map((parts) => `/${parts.join("")}`);
const query = fc.array(
  fc.tuple(fc.constantFrom("__proto__", "acl", "a.1.b", "Action", "partNumber", "constructor"), fc.string()),
  { maxLength: 5 },
);

/** What `run` gives, or the `DecodeError` that it threw; any other error is the test's. */
function attempt<T>(run: () => T): T | DecodeError {
  try {
    return run();
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

function decodeBothWays(operation: Operation, protocol: Protocol, request: Parameters<typeof decodeRequest>[2]): void {
  attempt(() => decodeRequest(operation, protocol, request));
  attempt(() => decodeResponse(operation, protocol, { status: 200, headers: request.headers, body: request.body }));
  decodeError(protocol, { status: 400, headers: request.headers, body: request.body });
  decodeError(protocol, { status: 200, headers: request.headers, body: request.body });
}

describe("hostile bytes", () => {
  it("make decoders throw DecodeError or nothing", () => {
    fc.assert(
      fc.property(anyOperation, anyProtocol, bytes, headers, path, query, (operation, protocol, body, headers, path, query) => {
        decodeBothWays(operation, protocol, { method: "POST", path, query, headers: new Map(Object.entries(headers)), body });
      }),
      { numRuns: 5_000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("make parsers throw DecodeError or nothing", () => {
    fc.assert(
      fc.property(bytes, (body) => {
        attempt(() => parseCbor(body));
        attempt(() => xmlToOrgJson(parseXml(body)));
        attempt(() => formToOrgJson(parseForm(body)));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(["iam", "dynamodb", "s3", "sqs"])("made of true requests of %s by changing some bytes are no different", async (id) => {
    const handler = new CapturingHandler();
    const own = operations.filter(({ service, input }) => service.id === id && input !== undefined);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...own),
        fc.integer(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        async (operation, seed, changes) => {
          const input = {
            ...new ShapeValues("random", seed).structure(operation.input!, operation.http?.uri),
            Bucket: "b",
            ChecksumAlgorithm: "CRC32",
          };
          const wire = toWireMessage(await handler.capture(() => sdkSend(operation, handler, input)));
          const body = wire.body?.slice();
          for (const [at, byte] of changes) if (body !== undefined && body.length > 0) body[at % body.length] = byte;
          const [protocol = "restXml"] = operation.service.protocols;
          decodeBothWays(operation, protocol, { ...wire, body });
        },
      ),
      { numRuns: 100 },
    );
  });

  it("finish soon, however large or deep", () => {
    const big = 500_000;
    const inputs = [
      "[".repeat(big),
      '{"a":'.repeat(big / 5),
      `[${"1,".repeat(big / 2)}1]`,
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      `{"a":1234567890123456789,"b":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      "<a>".repeat(big / 3),
      `<a>${"<b/>".repeat(big / 4)}</a>`,
      `<a ${"b='1' ".repeat(big / 6)}`,
      "a.".repeat(big / 2),
      "a.1&".repeat(big / 4),
      "%".repeat(big),
      `A=${"%ff".repeat(big / 3)}`,
      "\u009f".repeat(big / 2),
      `"${"\\".repeat(big)}`,
      "9".repeat(big),
      `{"Limit":${"9".repeat(big)}}`,
      `<LookupEventsResponse><Limit>${"9".repeat(big)}</Limit></LookupEventsResponse>`,
    ].map((text) => Buffer.from(text, "latin1"));
    const targets: readonly (readonly [string, string])[] = [
      ["dynamodb", "Query"],
      ["iam", "CreateUser"],
      ["s3", "PutBucketAcl"],
    ];
    for (const [service, name] of targets) {
      const operation = catalogue.service(service)?.operation(name);
      if (operation === undefined) throw new Error(`no ${name}`);
      for (const body of inputs) {
        for (const protocol of protocols) {
          const request = { method: "POST", path: "/", query: [], headers: new Map(), body };
          expect(cpuTime(() => attempt(() => decodeRequest(operation, protocol, request)))).toBeLessThan(2_000);
        }
      }
    }
  });

  it("in headers take time in proportion", () => {
    const operation = catalogue.service("s3")?.operation("GetObjectAttributes");
    if (operation === undefined) throw new Error("no GetObjectAttributes");
    for (const text of [
      '"'.repeat(200_000),
      'a"'.repeat(100_000),
      ",".repeat(200_000),
      '"\\'.repeat(100_000),
      `Mon,${" ".repeat(200_000)}`,
      "9".repeat(200_000),
    ]) {
      const headers = new Map([
        ["x-amz-object-attributes", text],
        ["x-amz-max-parts", text],
      ]);
      const request = { method: "GET", path: "/b/k", query: [], headers, body: undefined };
      expect(cpuTime(() => attempt(() => decodeRequest(operation, "restXml", request)))).toBeLessThan(1_000);
    }
  });
});
