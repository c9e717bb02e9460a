import { describe, expect, test } from "vitest";
import { canonicalRequest } from "./canonical-request.ts";
import { ChunkSigner } from "./chunk-signer.ts";
import { SigningKeys } from "./signing-keys.ts";
import { scopeText } from "./signing-scope.ts";
import { EMPTY_HASH, HMAC_ALGORITHM, macHex, sha256Hex, stringToSign } from "./string-to-sign.ts";

// The examples of "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API Reference, with AWS's own key.
const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const date = "20130524T000000Z";
const scope = { date: "20130524", region: "us-east-1", service: "s3" };
const key = new SigningKeys().keyFor(secret, scope);

function signatureOf(method: string, target: string, headers: Readonly<Record<string, string>>, payload: string): string {
  const [path = "", query = ""] = target.split("?");
  const canonical = canonicalRequest(
    { method, path, query, header: (name) => headers[name] },
    "object",
    Object.keys(headers).sort(),
    payload,
  );
  return macHex(key, stringToSign(HMAC_ALGORITHM, date, scopeText(scope), canonical));
}

const bucket = { host: "examplebucket.s3.amazonaws.com" };
const signed = { ...bucket, "x-amz-content-sha256": EMPTY_HASH, "x-amz-date": date };

describe("AWS's published examples", () => {
  test.each([
    ["GET", "/test.txt", { ...signed, range: "bytes=0-9" }, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"],
    ["GET", "/?lifecycle", signed, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
    ["GET", "/?max-keys=2&prefix=J", signed, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"],
  ])("%s %s", (method, target, headers, signature) => {
    expect(signatureOf(method, target, headers, EMPTY_HASH)).toBe(signature);
  });

  test("PUT of an object whose key has a character that is escaped", () => {
    const payload = sha256Hex(Buffer.from("Welcome to Amazon S3."));
    const headers = {
      ...bucket,
      date: "Fri, 24 May 2013 00:00:00 GMT",
      "x-amz-content-sha256": payload,
      "x-amz-date": date,
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    };
    const signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd";
    expect(signatureOf("PUT", "/test%24file.text", headers, payload)).toBe(signature);
    // The same key, written by a client that leaves the character as it is.
    expect(signatureOf("PUT", "/test$file.text", headers, payload)).toBe(signature);
  });

  test("a presigned GET", () => {
    const query = [
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
      `X-Amz-Date=${date}`,
      "X-Amz-Expires=86400",
      "X-Amz-SignedHeaders=host",
      "X-Amz-Signature=0000",
    ].join("&");
    expect(signatureOf("GET", `/test.txt?${query}`, bucket, "UNSIGNED-PAYLOAD")).toBe(
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    );
  });

  test("chunks", () => {
    const signer = new ChunkSigner(
      key,
      date,
      scopeText(scope),
      "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    );
    const signatures = [65_536, 1024, 0].map((size) => signer.chunk(sha256Hex(Buffer.alloc(size, "a"))));
    expect(signatures).toEqual([
      "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
      "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
      "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ]);
  });

  test("chunks with a trailer", () => {
    const signer = new ChunkSigner(
      key,
      date,
      scopeText(scope),
      "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    );
    const signatures = [65_536, 1024, 0].map((size) => signer.chunk(sha256Hex(Buffer.alloc(size, "a"))));
    expect([...signatures, signer.trailer([["x-amz-checksum-crc32c", "sOO8/Q=="]])]).toEqual([
      "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
      "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
      "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
      "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
    ]);
  });
});
