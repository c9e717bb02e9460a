import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, closeBenches } from "../gateway-bench.test-support.ts";
import { faces, fromXml, how, send, startRefusing, wrongs } from "./refusing.test-support.ts";
import { alice, NOW, type Sendable, signLikeSdks } from "./signing.test-support.ts";

beforeAll(async () => {
  await startRefusing();
});
afterAll(closeBenches);

describe("S3", () => {
  const { request } = faces.s3;
  const text = async (sendable: Sendable): Promise<string> => (await send(sendable)).body.toString();

  test("shows what it calculated", async () => {
    const answer = await text(await wrongs["a wrong secret"](faces.s3));
    for (const name of ["AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes", "CanonicalRequest"]) {
      expect(answer).toMatch(new RegExp(`<${name}>[^<]+</${name}>`));
    }
    expect(answer).toContain("<CanonicalRequest>GET\n/bucket/key\n");
    expect(answer).not.toContain(alice.secretAccessKey);
  });

  test("says which headers are not signed, and what time it is", async () => {
    expect(await text(await wrongs["a header not signed"](faces.s3))).toContain(
      "<HeadersNotSigned>x-amz-other</HeadersNotSigned>",
    );
    const late = await text(await wrongs["a time long ago"](faces.s3));
    expect(late).toContain("<RequestTime>20260302T085000Z</RequestTime><ServerTime>2026-03-02T09:05:01Z</ServerTime>");
    expect(late).toContain("<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>");
  });

  const presigned = (expires = 600, at = NOW): Promise<Sendable> =>
    signLikeSdks(
      { ...request, headers: { ...request.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } },
      { ...how(faces.s3), expires, at },
    );
  const altered = async (from: RegExp, to: string): Promise<Sendable> => {
    const signed = await presigned();
    return { ...signed, target: signed.target.replace(from, () => to) };
  };

  test.each<[string, () => Promise<Sendable>, number, string, string]>([
    ["over", () => presigned(600, NOW - 601_000), 403, "AccessDenied", "Request has expired"],
    ["of tomorrow", () => presigned(600, NOW + 901_000), 403, "AccessDenied", "Request is not valid yet"],
    [
      "that holds too long",
      () => altered(/Expires=600/, "Expires=604801"),
      400,
      "AuthorizationQueryParametersError",
      "must be less than a week",
    ],
    [
      "that holds less than nothing",
      () => altered(/Expires=600/, "Expires=-1"),
      400,
      "AuthorizationQueryParametersError",
      "X-Amz-Expires must be non-negative",
    ],
    [
      "that holds nonsense",
      () => altered(/Expires=600/, "Expires=x"),
      400,
      "AuthorizationQueryParametersError",
      "X-Amz-Expires should be a number",
    ],
    [
      "that lacks a parameter",
      () => altered(/&X-Amz-Date=[^&]*/, ""),
      400,
      "AuthorizationQueryParametersError",
      "Query-string authentication version 4 requires",
    ],
    [
      "with a parameter twice",
      () => altered(/&X-Amz-Date=/, "&X-Amz-Date=20260302T090501Z&X-Amz-Date="),
      400,
      "AuthorizationQueryParametersError",
      "requires",
    ],
    [
      "with another algorithm",
      () => altered(/AWS4-HMAC-SHA256/, "AWS4-HMAC-SHA1"),
      400,
      "AuthorizationQueryParametersError",
      "only supports",
    ],
    [
      "with a credential that is none",
      () => altered(/Credential=[^&]*/, "Credential=x"),
      400,
      "AuthorizationQueryParametersError",
      "the Credential is mal-formed",
    ],
    ["for another key", () => altered(/bucket\/key/, "bucket/other"), 403, "SignatureDoesNotMatch", "does not match"],
  ])("refuses a presigned request %s", async (_name, make, status, code, message) => {
    const answer = await send(await make());
    expect([answer.status, fromXml(answer).code]).toEqual([status, code]);
    expect(fromXml(answer).message).toContain(message);
  });

  const signature = (changes: Readonly<Record<string, string | undefined>>) => async (): Promise<Sendable> => {
    const signed = await signLikeSdks(request, how(faces.s3));
    const headers = Object.fromEntries(
      Object.entries({ ...signed.headers, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return { ...signed, headers };
  };

  test.each<[string, () => Promise<Sendable>, number, string, string]>([
    [
      "SigV2",
      signature({ authorization: `AWS ${alice.accessKeyId}:c2lnbmF0dXJl` }),
      400,
      "InvalidRequest",
      "Please use AWS4-HMAC-SHA256.",
    ],
    [
      "SigV2 in the query",
      async () => ({ ...request, target: `/b/k?AWSAccessKeyId=${alice.accessKeyId}&Signature=x&Expires=1` }),
      400,
      "InvalidRequest",
      "Please use AWS4-HMAC-SHA256.",
    ],
    ["what is no signature", signature({ authorization: "Digest x" }), 400, "InvalidArgument", "Unsupported Authorization Type"],
    [
      "two at once",
      async () => ({ ...(await presigned()), headers: { host: "h.test", authorization: "AWS4-HMAC-SHA256 x" } }),
      400,
      "InvalidArgument",
      "Only one auth mechanism allowed",
    ],
    ["no time", signature({ "x-amz-date": undefined }), 403, "AccessDenied", "requires a valid Date or x-amz-date header"],
    [
      "no hash of the body",
      signature({ "x-amz-content-sha256": undefined }),
      400,
      "InvalidRequest",
      "Missing required header for this request: x-amz-content-sha256",
    ],
    [
      "nonsense for one",
      signature({ "x-amz-content-sha256": "abc" }),
      400,
      "InvalidArgument",
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD",
    ],
    [
      "another region than the host's",
      signature({ host: "s3.eu-west-2.amazonaws.com" }),
      400,
      "AuthorizationHeaderMalformed",
      "the region 'eu-west-1' is wrong; expecting 'eu-west-2'",
    ],
    [
      "signed event streams",
      signature({ "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-EVENTS" }),
      501,
      "NotImplemented",
      "not implemented",
    ],
  ])("refuses %s", async (_name, make, status, code, message) => {
    const answer = await send(await make());
    expect([answer.status, fromXml(answer).code]).toEqual([status, code]);
    expect(fromXml(answer).message).toContain(message);
  });
});

describe("an upload by HTML form", () => {
  const conditions = [{ bucket: "bucket" }, ["starts-with", "$key", "up/"], { "x-amz-credential": "" }];
  const upload = (change: { key?: string; secret?: string; expiration?: string; extra?: string } = {}): Promise<Answer> => {
    const credential = `${alice.accessKeyId}/20260302/eu-west-1/s3/aws4_request`;
    const fixed = { "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-credential": credential, "x-amz-date": "20260302T000000Z" };
    const document = {
      expiration: change.expiration ?? "2026-03-02T10:00:00Z",
      conditions: [
        ...conditions.slice(0, 2),
        ["content-length-range", 0, 100],
        ...Object.entries(fixed).map(([name, value]) => ({ [name]: value })),
      ],
    };
    const policy = Buffer.from(JSON.stringify(document)).toString("base64");
    const mac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
    const key = ["eu-west-1", "s3", "aws4_request"].reduce(mac, mac(`AWS4${change.secret ?? alice.secretAccessKey}`, "20260302"));
    const fields = {
      key: change.key ?? "up/${filename}",
      ...fixed,
      policy,
      "x-amz-signature": mac(key, policy).toString("hex"),
      ...(change.extra === undefined ? {} : { [change.extra]: "1" }),
    };
    const parts = Object.entries(fields).map(
      ([name, value]) => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const file = `--B\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\nhello\r\n--B--\r\n`;
    return send({
      method: "POST",
      target: "/bucket",
      headers: { host: "h.test", "content-type": "multipart/form-data; boundary=B" },
      body: Buffer.from(parts.join("") + file),
    });
  };

  test("passes with its policy", async () => {
    expect((await upload()).status).toBe(200);
  });

  test.each([
    ["another secret", { secret: "wrong" }, "SignatureDoesNotMatch", "does not match"],
    ["another key than the policy allows", { key: "down/f" }, "AccessDenied", "Policy Condition failed"],
    ["a policy that is over", { expiration: "2026-03-02T09:00:00Z" }, "AccessDenied", "Policy expired."],
    ["a field that the policy does not name", { extra: "acl" }, "AccessDenied", "Extra input fields: acl"],
  ])("is refused with %s", async (_name, change, code, message) => {
    const answer = await upload(change);
    expect(fromXml(answer).code).toBe(code);
    expect(fromXml(answer).message).toContain(message);
  });
});
