import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, type Bench, closeBenches } from "../gateway-bench.test-support.ts";
import { type Face, faces, fromJson, fromXml, how, refusals, send, startRefusing, wrongs } from "./refusing.test-support.ts";
import { signLikeSdks } from "./signing.test-support.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await startRefusing();
});
beforeEach(() => {
  refusals.length = 0;
});
afterAll(closeBenches);

const INVALID_TOKEN = "The security token included in the request is invalid.";
const MISMATCH = /^The request signature we calculated does not match the signature you provided\. Check your AWS Secret/;
const EXPIRED = "The security token included in the request is expired";
const LATE = "Signature expired: 20260302T085000Z is now earlier than 20260302T085001Z (20260302T090501Z - 15 min.)";
const EARLY = "Signature not yet current: 20260302T092002Z is still later than 20260302T092001Z (20260302T090501Z + 15 min.)";

type Told = readonly [status: number, code: string, message?: string | RegExp];

/** What AWS says, in the order of `wrongs`. */
const told: Readonly<Record<keyof typeof faces, readonly Told[]>> = {
  json: [
    [400, "MissingAuthenticationTokenException", "Request is missing Authentication Token"],
    [400, "UnrecognizedClientException", INVALID_TOKEN],
    [400, "UnrecognizedClientException", INVALID_TOKEN],
    [400, "InvalidSignatureException", MISMATCH],
    [400, "UnrecognizedClientException", INVALID_TOKEN],
    [400, "UnrecognizedClientException", INVALID_TOKEN],
    [400, "UnrecognizedClientException", INVALID_TOKEN],
    [400, "ExpiredTokenException", EXPIRED],
    [400, "InvalidSignatureException", LATE],
    [400, "InvalidSignatureException", EARLY],
    [400, "InvalidSignatureException", "'x-amz-other' must be a 'SignedHeader' in the AWS Authorization."],
    [400, "IncompleteSignatureException", /^Authorization header requires 'Signature' parameter\. \(Hashed with SHA-256/],
    [
      400,
      "InvalidSignatureException",
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260301' != '20260302', from '20260302T090501Z'.",
    ],
  ],
  query: [
    [403, "MissingAuthenticationToken", "Request is missing Authentication Token"],
    [403, "InvalidClientTokenId", INVALID_TOKEN],
    [403, "InvalidClientTokenId", INVALID_TOKEN],
    [403, "SignatureDoesNotMatch", MISMATCH],
    [403, "InvalidClientTokenId", INVALID_TOKEN],
    [403, "InvalidClientTokenId", INVALID_TOKEN],
    [403, "InvalidClientTokenId", INVALID_TOKEN],
    [403, "ExpiredToken", EXPIRED],
    [403, "SignatureDoesNotMatch", LATE],
    [403, "SignatureDoesNotMatch", EARLY],
    [403, "SignatureDoesNotMatch", "'x-amz-other' must be a 'SignedHeader' in the AWS Authorization."],
    [400, "IncompleteSignature", /'Signature' parameter/],
    [403, "SignatureDoesNotMatch", /^Date in Credential scope does not match/],
  ],
  ec2: [
    [403, "MissingAuthenticationToken"],
    ...Array.from({ length: 6 }, (): Told => [
      401,
      "AuthFailure",
      "AWS was not able to validate the provided access credentials",
    ]),
    [400, "RequestExpired", "Request has expired."],
    [400, "RequestExpired", "Request has expired."],
    [400, "RequestExpired", "Request has expired."],
    [401, "AuthFailure"],
    [400, "IncompleteSignature"],
    [401, "AuthFailure"],
  ],
  restJson: [
    [403, "MissingAuthenticationTokenException", "Missing Authentication Token"],
    [403, "UnrecognizedClientException", INVALID_TOKEN],
    [403, "UnrecognizedClientException", INVALID_TOKEN],
    [403, "InvalidSignatureException", MISMATCH],
    [403, "UnrecognizedClientException", INVALID_TOKEN],
    [403, "UnrecognizedClientException", INVALID_TOKEN],
    [403, "UnrecognizedClientException", INVALID_TOKEN],
    [403, "ExpiredTokenException", EXPIRED],
    [403, "InvalidSignatureException", LATE],
    [403, "InvalidSignatureException", EARLY],
    [403, "InvalidSignatureException"],
    [403, "IncompleteSignatureException"],
    [403, "InvalidSignatureException"],
  ],
  cbor: [
    [400, "MissingAuthenticationTokenException", /Request is missing Authentication Token/],
    [400, "UnrecognizedClientException", /The security token included in the request is invalid\./],
    [400, "UnrecognizedClientException"],
    [400, "InvalidSignatureException"],
    [400, "UnrecognizedClientException"],
    [400, "UnrecognizedClientException"],
    [400, "UnrecognizedClientException"],
    [400, "ExpiredTokenException"],
    [400, "InvalidSignatureException"],
    [400, "InvalidSignatureException"],
    [400, "InvalidSignatureException"],
    [400, "IncompleteSignatureException"],
    [400, "InvalidSignatureException"],
  ],
  s3: [
    [200, ""],
    [403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."],
    [403, "InvalidAccessKeyId"],
    [403, "SignatureDoesNotMatch", /Check your key and signing method\.$/],
    [403, "InvalidAccessKeyId"],
    [400, "InvalidToken", "The provided token is malformed or otherwise invalid."],
    [400, "InvalidToken"],
    [400, "ExpiredToken", "The provided token has expired."],
    [403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."],
    [403, "RequestTimeTooSkewed"],
    [403, "AccessDenied", "There were headers present in the request which were not signed"],
    [400, "AuthorizationHeaderMalformed"],
    [
      400,
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; Invalid credential date "20260301". This date is not the same as X-Amz-Date or Date header: "20260302".`,
    ],
  ],
};

describe.each(Object.keys(faces) as (keyof typeof faces)[])("in the way of %s", (name) => {
  const face: Face = faces[name];

  test("what is right passes", async () => {
    const answer = await send(await signLikeSdks(face.request, how(face)));
    expect([answer.status, answer.body.toString()]).toEqual([200, "ok"]);
  });

  test.each(Object.keys(wrongs).map((wrong, index) => [wrong, told[name][index]!] as const))("%s", async (wrong, expected) => {
    const before = bench.recorder.calls.length;
    const answer = await send(await wrongs[wrong as keyof typeof wrongs](face));
    const [status, code, message] = expected;
    expect(answer.status).toBe(status);
    if (status === 200) return;
    const said = face.read(answer);
    expect(said.code).toBe(code);
    if (typeof message === "string") expect(said.message).toBe(message);
    else if (message !== undefined) expect(said.message).toMatch(message);
    // Refused callers are counted, not recorded, as on AWS.
    expect(refusals).toEqual([code]);
    expect(bench.recorder.calls).toHaveLength(before);
  });
});

describe("hosts of AWS's own say what they serve", () => {
  test("another service", async () => {
    const request = { ...faces.query.request, headers: { ...faces.query.request.headers, host: "iam.amazonaws.com" } };
    const answer = await send(await signLikeSdks(request, how(faces.query)));
    expect(fromXml(answer).message).toBe("Credential should be scoped to correct service: 'iam'.");
  });

  test("another region", async () => {
    const request = { ...faces.query.request, headers: { ...faces.query.request.headers, host: "sts.us-west-2.amazonaws.com" } };
    const answer = await send(await signLikeSdks(request, how(faces.query)));
    expect(fromXml(answer).message).toBe("Credential should be scoped to a valid region, not 'eu-west-1'.");
  });
});

describe("without a signature", () => {
  const form = (body: string): Promise<Answer> => send({ ...faces.query.request, target: "/", body: Buffer.from(body) });

  test("operations that AWS takes so pass, others of the same service do not", async () => {
    expect((await form("Action=AssumeRoleWithWebIdentity&Version=2011-06-15")).status).toBe(200);
    expect((await form("Action=AssumeRole&Version=2011-06-15")).status).toBe(403);
  });

  test("nothing passes that could be taken for another operation", async () => {
    const two = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15";
    expect((await form(`${two}&Action=GetSessionToken`)).status).toBe(403);
    const { headers } = faces.query.request;
    const body = Buffer.from("Action=GetSessionToken&Version=2011-06-15");
    expect((await send({ method: "POST", target: `/?${two}`, headers, body })).status).toBe(403);
    expect((await send({ method: "GET", target: `/?${two}`, headers: { host: "h.test" }, body: undefined })).status).toBe(200);
    const target = { "x-amz-target": "AWSCognitoIdentityService.GetId" };
    const json = { host: "h.test", "content-type": "application/x-amz-json-1.1", ...target };
    expect((await send({ method: "POST", target: "/", headers: json, body: Buffer.from("{}") })).status).toBe(200);
    expect((await send({ method: "POST", target: "/?Action=GetUser", headers: json, body: Buffer.from("{}") })).status).toBe(400);
    expect((await send({ method: "POST", target: "/", headers: { ...headers, ...target }, body })).status).toBe(400);
  });

  test("a credential that two readers read in two ways is nobody's", async () => {
    const signed = await signLikeSdks(faces.s3.request, how(faces.s3));
    const authorization = signed.headers["authorization"] ?? "";
    const other = /Credential=\S+/.exec(authorization)?.[0].replace("/s3/", "/iam/") ?? "";
    const twice = authorization.replace("Credential=", `X=1 ${other} Credential=`);
    const answer = await send({ ...signed, headers: { ...signed.headers, authorization: twice } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  test("a bearer's token is nobody's", async () => {
    const answer = await send({
      ...faces.json.request,
      target: "/",
      headers: { ...faces.json.request.headers, authorization: "Bearer x" },
    });
    expect(fromJson(answer).code).toBe("UnrecognizedClientException");
  });
});
