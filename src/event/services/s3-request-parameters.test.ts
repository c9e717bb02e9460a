import { describe, expect, test } from "vitest";
import { finishedCall } from "../golden.test-support.ts";
import { bucket, host, s3Exchange, type S3Parts } from "./s3-exchange.test-support.ts";
import { s3RequestParameters } from "./s3-request-parameters.ts";

function parameters(operation: string, parts: S3Parts) {
  return s3RequestParameters(finishedCall(s3Exchange(operation, parts)));
}

describe("requestParameters", () => {
  test("every query parameter stays verbatim, a repeated one as a list", () => {
    expect(
      parameters("ListObjectsV2", {
        target: "/?list-type=2&prefix=a%2Fb%20c&delimiter=%2F&max-keys=10&encoding-type=url&x=1&x=2&versioning",
      }),
    ).toEqual({
      bucketName: bucket,
      Host: host,
      "list-type": "2",
      prefix: "a/b c",
      delimiter: "/",
      "max-keys": "10",
      "encoding-type": "url",
      x: ["1", "2"],
      versioning: "",
    });
  });

  test("of a presigned request, nothing that would let a reader repeat it", () => {
    expect(
      parameters("GetObject", {
        key: "k",
        target:
          "/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA&X-Amz-Date=20260302T090640Z&X-Amz-Expires=900" +
          "&X-Amz-SignedHeaders=host&X-Amz-Signature=abc&X-Amz-Security-Token=tok&x-amz-server-side-encryption-customer-key=k",
      }),
    ).toEqual({
      bucketName: bucket,
      Host: host,
      key: "k",
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Date": "20260302T090640Z",
      "X-Amz-Expires": "900",
      "X-Amz-SignedHeaders": "host",
    });
    expect(parameters("GetObject", { key: "k", target: "/k?AWSAccessKeyId=AKIA&Signature=abc&Expires=1772442400" })).toEqual({
      bucketName: bucket,
      Host: host,
      key: "k",
      Expires: "1772442400",
    });
  });

  test("of the headers, the documented ones", () => {
    expect(
      parameters("CopyObject", {
        key: "k",
        method: "PUT",
        headers: {
          "x-amz-copy-source": "src/key",
          "x-amz-acl": "private",
          "x-amz-server-side-encryption-customer-algorithm": "AES256",
          "x-amz-server-side-encryption-customer-key": "secret",
          "x-amz-server-side-encryption-customer-key-md5": "secret",
          "x-amz-security-token": "secret",
          "x-amz-checksum-crc32": "AAAAAA==",
          authorization: "AWS4-HMAC-SHA256 …",
        },
      }),
    ).toEqual({
      bucketName: bucket,
      Host: host,
      key: "k",
      "x-amz-copy-source": "src/key",
      "x-amz-acl": "private",
      "x-amz-server-side-encryption-customer-algorithm": "AES256",
    });
  });

  test("a configuration body stands under its root element, xmlns first", () => {
    const shown = parameters("PutBucketVersioning", {
      method: "PUT",
      target: "/?versioning",
      body: '<?xml version="1.0"?><VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>',
    });
    const configuration = { xmlns: "http://s3.amazonaws.com/doc/2006-03-01/", Status: "Enabled" };
    expect(shown).toEqual({ bucketName: bucket, Host: host, versioning: "", VersioningConfiguration: configuration });
    expect(JSON.stringify(shown?.["VersioningConfiguration"])).toBe(JSON.stringify(configuration));
  });

  test("numbers and booleans of a body are read as such", () => {
    expect(
      parameters("PutBucketLifecycleConfiguration", {
        method: "PUT",
        target: "/?lifecycle",
        body: "<LifecycleConfiguration><Rule><Days>30</Days><On>true</On></Rule><Rule/></LifecycleConfiguration>",
      })?.["LifecycleConfiguration"],
    ).toEqual({ Rule: [{ Days: 30, On: true }, ""] });
  });

  test.each([
    ["PutObject", "/k", "<Secret>data</Secret>"],
    ["UploadPart", "/k?partNumber=1&uploadId=u", "<Secret>data</Secret>"],
    ["PutBucketMetricsConfiguration", "/?metrics&id=m", "<MetricsConfiguration><Id>m</Id></MetricsConfiguration>"],
    ["PutBucketAnalyticsConfiguration", "/?analytics&id=m", "<AnalyticsConfiguration><Id>m</Id></AnalyticsConfiguration>"],
    ["DeleteObjects", "/?delete", "<Delete><Object><Key>k</Key></Object></Delete>"],
    [
      "SelectObjectContent",
      "/k?select&select-type=2",
      "<SelectObjectContentRequest><Expression>x</Expression></SelectObjectContentRequest>",
    ],
    ["PutBucketTagging", "/?tagging", "<Tagging><unclosed>"],
    ["PutBucketTagging", "/?tagging", '<!DOCTYPE x [<!ENTITY a "b">]><Tagging/>'],
    ["PutBucketPolicy", "/?policy", "{not json"],
    ["PutBucketPolicy", "/?policy", "[".repeat(50_000)],
    ["PutBucketTagging", "/?tagging", "<a>".repeat(30_000)],
  ])("%s adds nothing of its body", (operation, target, body) => {
    const shown = parameters(operation, { method: "PUT", target, body });
    const names = ["bucketName", "Host", ...new URL(target, "http://h").searchParams.keys()];
    expect(Object.keys(shown ?? {})).toEqual(names);
  });

  test("a body that was not captured as a whole is not shown", () => {
    const call = finishedCall(s3Exchange("PutBucketTagging", { method: "PUT", target: "/?tagging", body: "<Tagging/>" }));
    expect(s3RequestParameters(call)).toHaveProperty("Tagging");
    expect(s3RequestParameters({ ...call, request: { ...call.request, bodyTruncated: true } })).not.toHaveProperty("Tagging");
  });

  test("ListBuckets names no bucket", () => {
    const listing = {
      target: "/?x-id=ListBuckets",
      host: "s3.us-east-1.amazonaws.com",
      s3: { bucket: undefined, key: undefined },
    };
    expect(parameters("ListBuckets", listing)).toEqual({ Host: "s3.us-east-1.amazonaws.com", "x-id": "ListBuckets" });
  });

  test("names from the wire cannot reach a prototype", () => {
    const shown = parameters("GetObject", { key: "k", target: "/k?__proto__=x&constructor=y" });
    expect(Object.keys(shown ?? {})).toEqual(["bucketName", "Host", "key", "__proto__", "constructor"]);
    expect("toString" in (shown ?? {})).toBe(false);
  });
});
