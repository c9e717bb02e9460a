import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AwsError } from "../../../aws/aws-error.ts";
import { encodeError } from "../../../aws/codec/encode-error.ts";
import { loadCatalogue } from "../../../aws/catalogue/catalogue.ts";
import { readRequestHead } from "../routing/request-head.ts";
import { createRouter } from "../routing/router.ts";
import { alice, authenticatorFor, session } from "./signing.test-support.ts";

const codes = new Set<string>();
const authenticator = authenticatorFor([alice, session], { anonymousS3: false, onRefusal: (code) => codes.add(code) });
const router = createRouter(loadCatalogue(), { s3HostSuffixes: ["localhost"], defaultRegion: "us-east-1" });

const scrap = fc.oneof(
  fc.string({ unit: "binary-ascii", maxLength: 12 }).map((text) => text.replace(/[^ -~]/g, "")),
  fc.constantFrom(
    ...[
      "",
      " ",
      ",",
      ";",
      "/",
      "=",
      "%",
      "%2F",
      "host",
      "x-amz-date",
      "AWS4-HMAC-SHA256",
      "AWS4-ECDSA-P256-SHA256",
      "AWS",
      "Bearer",
    ],
    ...["Credential=", "SignedHeaders=", "Signature=", "aws4_request", "20260302", "20260302T090501Z", "us-east-1", "s3", "sqs"],
    ...[alice.accessKeyId, session.accessKeyId, "UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "é", "\u00ff"],
  ),
);
const credential = fc.oneof(
  fc.array(scrap, { maxLength: 6 }).map((parts) => parts.join("/")),
  fc
    .constantFrom("s3", "sqs", "sts", "dynamodb")
    .map((service) => `${alice.accessKeyId}/20260302/us-east-1/${service}/aws4_request`),
);
const authorization = fc.oneof(
  fc.array(scrap, { maxLength: 10 }).map((parts) => parts.join("")),
  fc
    .tuple(fc.constantFrom("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), credential, scrap, scrap)
    .map(
      ([algorithm, key, names, signature]) => `${algorithm} Credential=${key}, SignedHeaders=${names}, Signature=${signature}`,
    ),
);
const headerName = fc.constantFrom(
  ...["Host", "X-Amz-Date", "Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token", "X-Amz-Target", "Content-Type"],
  ...["X-Amz-Region-Set", "x-amz-s3session-token", "X-Amz-Decoded-Content-Length", "X-Amz-Meta-A"],
);
const queryName = fc.constantFrom(
  ...["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"],
  ...["x-amz-signature", "AWSAccessKeyId", "Signature", "Action", "Version", "X-Amz-Content-Sha256"],
);

test("whatever a head says, it is refused with an error of AWS's", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "PUT", "POST", "HEAD"),
      fc.array(scrap, { maxLength: 4 }),
      fc.array(fc.tuple(queryName, fc.oneof(scrap, credential)), { maxLength: 7 }),
      fc.array(fc.tuple(headerName, scrap), { maxLength: 8 }),
      fc.option(authorization, { nil: undefined }),
      async (method, path, query, headers, signature) => {
        const target = `/${path.join("/").replace(/[?# ]/g, "")}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
        const hosts = headers.filter(([name]) => name === "Host").slice(0, 1);
        const lines = [...hosts, ...headers.filter(([name]) => name !== "Host")];
        if (signature !== undefined) lines.push(["Authorization", signature]);
        const head = readRequestHead(method, target, lines.flat());
        const routed = router.route(head);
        const error: unknown = await authenticator.authenticate({ head, routed, body: undefined }).then(
          () => undefined,
          (refusal: unknown) => refusal,
        );
        // Unsigned operations are all that may pass.
        if (error === undefined) return expect(routed.credential.accessKeyId).toBeUndefined();
        expect(error).toBeInstanceOf(AwsError);
        const { status, body } = encodeError(routed.protocol, error as AwsError, { requestId: "r", service: routed.service });
        expect(status).toBeGreaterThanOrEqual(400);
        expect(Buffer.from(body).toString()).not.toContain(alice.secretAccessKey);
      },
    ),
    { numRuns: 5000 },
  );
  expect(codes.size).toBeGreaterThan(5);
  expect(codes.size).toBeLessThan(40);
});

test("a head full of lines costs no more than its length", async () => {
  const names = Array.from({ length: 256 }, (_, index) => `a${index}`);
  const lines = Array.from({ length: 12_000 }, (_, index) => [names[index % 256] ?? "", ","]).flat();
  const scope = `${alice.accessKeyId}/20260302/us-east-1/s3/aws4_request`;
  const signature = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names.join(";")};host, Signature=00`;
  const more = [
    "Host",
    "h",
    "X-Amz-Content-Sha256",
    "UNSIGNED-PAYLOAD",
    "X-Amz-Date",
    "20260302T090501Z",
    "Authorization",
    signature,
  ];
  const head = readRequestHead("GET", "/b/k", [...lines, ...more]);
  const routed = router.route(head);
  const began = process.cpuUsage();
  await expect(authenticator.authenticate({ head, routed, body: undefined })).rejects.toThrow();
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(100);
});
